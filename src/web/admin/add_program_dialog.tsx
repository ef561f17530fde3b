import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Field, TextField } from '../shared/components/field';
import { ProblemNotice } from '../shared/components/problem_notice';
import { LanguageField } from '../shared/staff/language_field';
import { useAction } from '../shared/staff/use_action';
import { currentLanguage, t } from '../shared/text';

export function AddProgramDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
    const adding = useAction();
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const body = {
            language: form.get('language'),
            title: form.get('title'),
            description: form.get('description'),
        };
        if (await adding.run(() => request('POST', '/programs', { body }))) {
            onAdded();
            onClose();
        }
    };
    return (
        <Dialog title={t('admin.new_program')} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <TextField label={t('admin.program_title')} name="title" required />
                <Field label={t('admin.lecture_description')}>
                    {(attributes) => <textarea class="input" name="description" rows={3} {...attributes} />}
                </Field>
                <LanguageField label={t('admin.text_language')} name="language" value={currentLanguage()} />
                {adding.problem && <ProblemNotice problem={adding.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="primary" type="submit" busy={adding.busy}>
                        {t('admin.add')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
