import { useRef, useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ConfirmDialog } from '../shared/components/confirm_dialog';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { AddCaptionsDialog } from './add_captions_dialog';

/** The caption languages of a lecture: add, replace, remove. */
export function CaptionsPanel({ lecture, onChange }: { lecture: Lecture; onChange: () => Promise<void> }) {
    const [adding, setAdding] = useState(false);
    const [removing, setRemoving] = useState<string | null>(null);
    const action = useAction();
    const title = useRef<HTMLHeadingElement>(null);
    const remove = async (language: string) => {
        const done = await action.run(() =>
            request('DELETE', `/lectures/${lecture.id}/captions/${language}`),
        );
        setRemoving(null);
        if (done) {
            toast(t('admin.captions_removed', { language: languageName(language) }));
            /* The button that had the focus goes with its language, and an open dialog lets nothing else have it. */
            await onChange();
            title.current?.focus();
        }
    };
    return (
        <section class="lecture-part">
            <h3 ref={title} tabIndex={-1}>
                {t('admin.captions')}
            </h3>
            <ul class="chips">
                {lecture.captions.map((language) => (
                    <li key={language} class="chip chip-removable">
                        {languageName(language)}
                        <button
                            type="button"
                            class="chip-remove"
                            aria-label={t('admin.remove_captions', { language: languageName(language) })}
                            onClick={() => setRemoving(language)}>
                            <Icon name="close" />
                        </button>
                    </li>
                ))}
                <li>
                    <Button kind="quiet" small onClick={() => setAdding(true)}>
                        <Icon name="plus" />
                        {t('admin.add_captions')}
                    </Button>
                </li>
            </ul>
            {action.problem && <ProblemNotice problem={action.problem} />}
            {adding && (
                <AddCaptionsDialog
                    lecture={lecture}
                    onClose={() => setAdding(false)}
                    onAdded={() => void onChange()}
                />
            )}
            {removing && (
                <ConfirmDialog
                    title={t('admin.remove_captions', { language: languageName(removing) })}
                    text={t('admin.remove_captions_text')}
                    action={t('admin.remove')}
                    busy={action.busy}
                    onConfirm={() => void remove(removing)}
                    onClose={() => setRemoving(null)}
                />
            )}
        </section>
    );
}
