import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../shared/api';
import { ConfirmDialog } from '../shared/components/confirm_dialog';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Field } from '../shared/components/field';
import { Icon, type IconName } from '../shared/components/icon';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, Program } from '../shared/staff_types';
import { t } from '../shared/text';
import { moved } from './moved';

interface Properties {
    program: Program;
    lectures: Lecture[];
    onChange: () => Promise<void>;
}

/** Buttons rather than dragging: they work with a thumb, a keyboard and a screen reader alike. Each press is saved. */
export function LectureOrder({ program, lectures, onChange }: Properties) {
    const saving = useAction();
    const [leaving, setLeaving] = useState<ProgramLecture | null>(null);
    const list = useRef<HTMLOListElement>(null);
    const keepFocus = useFocusAfterMove(list, program);
    const ids = program.lectures.map((lecture) => lecture.id);
    const save = (order: string[]) =>
        saving.run(async () => {
            await request('PUT', `/programs/${program.id}/lectures`, { body: { lectures: order } });
            await onChange();
        });
    const move = (index: number, step: number, lecture: string) => {
        keepFocus(lecture, step);
        void save(moved(ids, index, step)).then((saved) => {
            if (!saved) keepFocus(null, 0);
        });
    };
    const takeOut = async (lecture: ProgramLecture) => {
        /* The dialog goes first: while it is open, nothing behind it can have the focus. */
        setLeaving(null);
        if (await save(ids.filter((id) => id !== lecture.id))) list.current?.focus();
    };
    /* What people can see is not taken from them by a slip of the finger. */
    const askToTakeOut = (lecture: ProgramLecture) =>
        program.cohorts.length > 0 ? setLeaving(lecture) : void takeOut(lecture);
    const others = lectures.filter(
        (lecture) =>
            !ids.includes(lecture.id) && (lecture.state === 'ready' || lecture.state === 'preparing'),
    );
    return (
        <>
            <ol class="order" ref={list} tabIndex={-1} aria-label={t('admin.lectures_in_order')}>
                {program.lectures.map((lecture, index) => (
                    <li key={lecture.id} data-lecture={lecture.id}>
                        <span class="order-title">
                            {lecture.title}
                            {!lecture.published && (
                                <span class="badge badge-ready">{t('admin.not_published')}</span>
                            )}
                        </span>
                        <span class="order-buttons">
                            <OrderButton
                                icon="up"
                                label={t('admin.move_up', { title: lecture.title })}
                                step={-1}
                                disabled={index === 0}
                                busy={saving.busy}
                                onClick={() => move(index, -1, lecture.id)}
                            />
                            <OrderButton
                                icon="down"
                                label={t('admin.move_down', { title: lecture.title })}
                                step={1}
                                disabled={index === ids.length - 1}
                                busy={saving.busy}
                                onClick={() => move(index, 1, lecture.id)}
                            />
                            <OrderButton
                                icon="close"
                                label={t('admin.take_out', { title: lecture.title })}
                                busy={saving.busy}
                                onClick={() => askToTakeOut(lecture)}
                            />
                        </span>
                    </li>
                ))}
            </ol>
            {ids.length === 0 && <p class="soft">{t('admin.no_lectures_in_program')}</p>}
            {others.length > 0 && (
                <Field label={t('admin.add_lecture')}>
                    {(attributes) => (
                        <select
                            class="input select"
                            {...attributes}
                            value=""
                            disabled={saving.busy}
                            onChange={(event) => {
                                const id = event.currentTarget.value;
                                event.currentTarget.value = '';
                                if (id !== '') void save([...ids, id]);
                            }}>
                            <option value="">{t('admin.choose_lecture')}</option>
                            {others.map((lecture) => (
                                <option key={lecture.id} value={lecture.id}>
                                    {lecture.title}
                                </option>
                            ))}
                        </select>
                    )}
                </Field>
            )}
            {saving.problem && <ProblemNotice problem={saving.problem} />}
            {leaving && (
                <ConfirmDialog
                    title={t('admin.take_out_title', { title: leaving.title })}
                    text={t('admin.take_out_text', { program: program.title, count: program.cohorts.length })}
                    action={t('admin.take_out_now')}
                    onConfirm={() => void takeOut(leaving)}
                    onClose={() => setLeaving(null)}
                />
            )}
        </>
    );
}

type ProgramLecture = Program['lectures'][number];

/**
 * A button that moves with its line loses the focus, and at either end it is the other one that still does something. The
 * returned function is told of a move; once the program has the new order, the focus goes with the lecture.
 */
function useFocusAfterMove(list: RefObject<HTMLElement | null>, program: Program) {
    const wanted = useRef<{ lecture: string; step: number } | null>(null);
    const order = program.lectures.map((lecture) => lecture.id).join();
    useEffect(() => {
        const { lecture, step } = wanted.current ?? {};
        wanted.current = null;
        const buttons = [
            ...(list.current?.querySelectorAll<HTMLElement>(`[data-lecture="${lecture}"] [data-step]`) ?? []),
        ].filter((button) => !button.hasAttribute('aria-disabled'));
        (buttons.find((button) => button.dataset['step'] === String(step)) ?? buttons[0])?.focus();
    }, [order]);
    return (lecture: string | null, step: number) => {
        wanted.current = lecture === null ? null : { lecture, step };
    };
}

interface OrderButtonProperties {
    icon: IconName;
    label: string;
    step?: number;
    disabled?: boolean;
    busy: boolean;
    onClick: () => void;
}

/* Not the attribute "disabled", which would take the focus away while the order is saved. */
function OrderButton({ icon, label, step, disabled, busy, onClick }: OrderButtonProperties) {
    return (
        <button
            type="button"
            class="icon-button"
            aria-label={label}
            title={label}
            data-step={step}
            aria-disabled={disabled ? 'true' : undefined}
            onClick={() => {
                if (!disabled && !busy) onClick();
            }}>
            <Icon name={icon} />
        </button>
    );
}
