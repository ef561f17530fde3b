import { request } from '../shared/api';
import { SelectField, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { LanguageField } from '../shared/staff/language_field';
import { useAction } from '../shared/staff/use_action';
import { t } from '../shared/text';

interface Properties {
    cohort: string;
    onClose: () => void;
    onAdded: (id: string) => void;
}

const fields = ['name', 'email', 'country', 'gender', 'group', 'language'] as const;

export function AddParticipantDialog({ cohort, onClose, onAdded }: Properties) {
    const adding = useAction();
    const submit = (form: FormData) => {
        const body: Record<string, string> = {};
        for (const field of fields) {
            const value = String(form.get(field) ?? '').trim();
            if (value !== '') body[field] = field === 'country' ? value.toUpperCase() : value;
        }
        void adding.run(async () =>
            onAdded((await request<{ id: string }>('POST', `/cohorts/${cohort}/participants`, { body })).id),
        );
    };
    const genders = [
        { value: '', label: t('organizer.not_said') },
        { value: 'female', label: t('organizer.gender_female') },
        { value: 'male', label: t('organizer.gender_male') },
        { value: 'other', label: t('organizer.gender_other') },
    ];
    return (
        <FormDialog
            title={t('organizer.add_participant')}
            action={t('organizer.add')}
            sending={adding}
            two
            onSubmit={submit}
            onClose={onClose}>
            <TextField label={t('organizer.name')} name="name" required />
            <TextField label={t('organizer.email')} name="email" type="email" />
            <LanguageField label={t('organizer.language')} name="language" value="en" />
            <TextField label={t('organizer.country')} name="country" hint={t('organizer.country_hint')} />
            <SelectField label={t('organizer.gender')} name="gender" value="" options={genders} />
            <TextField label={t('organizer.group')} name="group" />
        </FormDialog>
    );
}
