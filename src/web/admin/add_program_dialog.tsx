import { request } from '../shared/api';
import { Field, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { LanguageField } from '../shared/staff/language_field';
import { useAction } from '../shared/staff/use_action';
import { currentLanguage, t } from '../shared/text';

export function AddProgramDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
    const adding = useAction();
    const submit = async (form: FormData) => {
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
        <FormDialog
            title={t('admin.new_program')}
            action={t('admin.add')}
            sending={adding}
            onSubmit={(form) => void submit(form)}
            onClose={onClose}>
            <TextField label={t('admin.program_title')} name="title" required />
            <Field label={t('admin.lecture_description')}>
                {(attributes) => <textarea class="input" name="description" rows={3} {...attributes} />}
            </Field>
            <LanguageField label={t('admin.text_language')} name="language" value={currentLanguage()} />
        </FormDialog>
    );
}
