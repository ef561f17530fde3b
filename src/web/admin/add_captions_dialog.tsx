import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Field } from '../shared/components/field';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { LanguageField } from '../shared/staff/language_field';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onAdded: () => void;
}

interface Answer {
    language: string;
    cue_count: number;
    repaired_count: number;
}

export function AddCaptionsDialog({ lecture, onClose, onAdded }: Properties) {
    const sending = useAction();
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const file = form.get('file') as File;
        const language = String(form.get('language')).trim();
        const done = await sending.run(async () => {
            const answer = await request<Answer>(
                'PUT',
                `/lectures/${lecture.id}/captions/${encodeURIComponent(language)}`,
                { body: await readText(file) },
            );
            toast(
                t('admin.captions_added', {
                    language: languageName(language),
                    count: answer.cue_count,
                    repaired: answer.repaired_count,
                }),
            );
        });
        if (done) {
            onAdded();
            onClose();
        }
    };
    return (
        <Dialog title={t('admin.add_captions')} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <LanguageField
                    label={t('admin.captions_language')}
                    name="language"
                    value={lecture.language}
                />
                <Field label={t('admin.captions_file')} hint={t('admin.captions_file_hint')}>
                    {(attributes) => (
                        <input
                            class="input"
                            type="file"
                            name="file"
                            accept=".vtt,.srt,text/vtt"
                            required
                            {...attributes}
                        />
                    )}
                </Field>
                {sending.problem && <ProblemNotice problem={sending.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="primary" type="submit" busy={sending.busy}>
                        {t('admin.send')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

/** The file as it is, but with one type: browsers guess none for .srt. */
async function readText(file: File): Promise<Blob> {
    return new Blob([await file.arrayBuffer()], { type: 'text/vtt' });
}
