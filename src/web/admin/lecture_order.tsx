import { request } from '../shared/api';
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
    onChange: () => void;
}

/** Buttons rather than dragging: they work with a thumb, a keyboard and a screen reader alike. Each press is saved. */
export function LectureOrder({ program, lectures, onChange }: Properties) {
    const saving = useAction();
    const ids = program.lectures.map((lecture) => lecture.id);
    const save = (order: string[]) =>
        saving.run(async () => {
            await request('PUT', `/programs/${program.id}/lectures`, { body: { lectures: order } });
            onChange();
        });
    const others = lectures.filter(
        (lecture) =>
            !ids.includes(lecture.id) && (lecture.state === 'ready' || lecture.state === 'preparing'),
    );
    return (
        <>
            <ol class="order">
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
                                disabled={index === 0 || saving.busy}
                                onClick={() => void save(moved(ids, index, -1))}
                            />
                            <OrderButton
                                icon="down"
                                label={t('admin.move_down', { title: lecture.title })}
                                disabled={index === ids.length - 1 || saving.busy}
                                onClick={() => void save(moved(ids, index, 1))}
                            />
                            <OrderButton
                                icon="close"
                                label={t('admin.take_out', { title: lecture.title })}
                                disabled={saving.busy}
                                onClick={() => void save(ids.filter((id) => id !== lecture.id))}
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
        </>
    );
}

function OrderButton({
    icon,
    label,
    disabled,
    onClick,
}: {
    icon: IconName;
    label: string;
    disabled: boolean;
    onClick: () => void;
}) {
    return (
        <button
            type="button"
            class="icon-button"
            aria-label={label}
            title={label}
            disabled={disabled}
            onClick={onClick}>
            <Icon name={icon} />
        </button>
    );
}
