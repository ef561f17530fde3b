import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Field, TextField } from '../shared/components/field';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { ProviderField } from './provider_field';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onSaved: () => void;
}

/** Title and description in one language at a time, and who gives the lecture. */
export function EditLectureDialog({ lecture, onClose, onSaved }: Properties) {
    const [language, setLanguage] = useState(lecture.language);
    const [provider, setProvider] = useState(lecture.provider_id ?? '');
    const known = lecture.titles[language];
    const [title, setTitle] = useState(known?.title ?? '');
    const [description, setDescription] = useState(known?.description ?? '');
    const saving = useAction();
    const choose = (next: string) => {
        setLanguage(next);
        setTitle(lecture.titles[next]?.title ?? '');
        setDescription(lecture.titles[next]?.description ?? '');
    };
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const body = { language, title, description, ...(provider === '' ? {} : { provider }) };
        if (await saving.run(() => request('PATCH', `/lectures/${lecture.id}`, { body }))) {
            toast(t('admin.saved'));
            onSaved();
            onClose();
        }
    };
    return (
        <Dialog title={t('admin.edit_texts')} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <TextField label={t('admin.text_language')} name="language" value={language} required onInput={choose}
                    hint={t('admin.text_languages_there', { languages: Object.keys(lecture.titles).join(', ') })} />
                <TextField label={t('admin.lecture_title')} name="title" value={title} required onInput={setTitle} />
                <Field label={t('admin.lecture_description')}>
                    {(attributes) => (
                        <textarea class="input" name="description" rows={4} {...attributes} value={description}
                            onInput={(event) => setDescription(event.currentTarget.value)} />
                    )}
                </Field>
                <ProviderField value={provider} onChange={setProvider} />
                {saving.problem && <ProblemNotice problem={saving.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>{t('shared.cancel')}</Button>
                    <Button kind="primary" type="submit" busy={saving.busy}>{t('admin.save')}</Button>
                </div>
            </form>
        </Dialog>
    );
}
