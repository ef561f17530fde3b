import { useRef } from 'preact/hooks';
import { request } from '../shared/api';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';

/** The files that go with a lecture: add, remove. */
export function HandoutsPanel({ lecture, onChange }: { lecture: Lecture; onChange: () => Promise<void> }) {
    const action = useAction();
    const title = useRef<HTMLHeadingElement>(null);
    const add = async (input: HTMLInputElement) => {
        const file = input.files?.[0];
        if (!file) return;
        const address = `/lectures/${lecture.id}/handouts?name=${encodeURIComponent(file.name)}`;
        const done = await action.run(() => request('POST', address, { body: file }));
        input.value = '';
        if (!done) return;
        toast(t('admin.handout_added', { name: file.name }));
        await onChange();
    };
    const remove = async (id: string, name: string) => {
        if (!(await action.run(() => request('DELETE', `/lectures/${lecture.id}/handouts/${id}`)))) return;
        toast(t('admin.handout_removed', { name }));
        await onChange();
        title.current?.focus();
    };
    return (
        <section class="lecture-part">
            <h3 ref={title} tabIndex={-1}>
                {t('admin.handouts')}
            </h3>
            <ul class="chips">
                {lecture.handouts.map(({ id, name }) => (
                    <li key={id} class="chip chip-removable">
                        <bdi>{name}</bdi>
                        <button
                            type="button"
                            class="chip-remove"
                            disabled={action.busy}
                            aria-label={t('admin.remove_handout', { name })}
                            onClick={() => void remove(id, name)}>
                            <Icon name="close" />
                        </button>
                    </li>
                ))}
                <li>
                    <label class="button button-quiet button-small handout-add" aria-busy={action.busy ? 'true' : undefined}>
                        <Icon name="plus" />
                        {t('admin.add_handout')}
                        <input
                            class="handout-input"
                            type="file"
                            disabled={action.busy}
                            onChange={(event) => void add(event.currentTarget)}
                        />
                    </label>
                </li>
            </ul>
            {action.problem && <ProblemNotice problem={action.problem} />}
        </section>
    );
}
