import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ConfirmDialog } from '../shared/components/confirm_dialog';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';

/** Clears away a file that never became a lecture: the server keeps every other. */
export function RemoveLecture({ lecture, onRemoved }: { lecture: Lecture; onRemoved: () => void }) {
    const [asking, setAsking] = useState(false);
    const removing = useAction();
    const remove = async () => {
        const done = await removing.run(() => request('DELETE', `/lectures/${lecture.id}`));
        setAsking(false);
        if (done) {
            toast(t('admin.removed_now', { title: lecture.title }));
            onRemoved();
        }
    };
    return (
        <>
            <Button kind="quiet" onClick={() => setAsking(true)}>
                {t('admin.remove')}
            </Button>
            {removing.problem && <ProblemNotice problem={removing.problem} />}
            {asking && (
                <ConfirmDialog
                    title={t('admin.remove_lecture', { title: lecture.title })}
                    text={t('admin.remove_lecture_text')}
                    action={t('admin.remove')}
                    busy={removing.busy}
                    onConfirm={() => void remove()}
                    onClose={() => setAsking(false)}
                />
            )}
        </>
    );
}
