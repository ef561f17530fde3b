import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Field, SelectField, TextField } from '../shared/components/field';
import { ProblemNotice } from '../shared/components/problem_notice';
import { toast } from '../shared/components/toast';
import { offeredLanguages } from '../shared/staff/language_field';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, LectureText } from '../shared/staff_types';
import { t } from '../shared/text';
import { ProviderField } from './provider_field';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onSaved: () => void;
}

const none: LectureText = { title: '', description: '' };

/** Title and description per language, and who gives the lecture. What was typed in each language is kept until saved. */
export function EditLectureDialog({ lecture, onClose, onSaved }: Properties) {
    const [language, setLanguage] = useState(lecture.language);
    const [drafts, setDrafts] = useState<Record<string, LectureText>>({});
    const [provider, setProvider] = useState(lecture.provider_id ?? '');
    const saving = useAction();
    const text = drafts[language] ?? lecture.titles[language] ?? none;
    const draft = (change: Partial<LectureText>) =>
        setDrafts({ ...drafts, [language]: { ...text, ...change } });
    const save = async () => {
        const texts: [string, LectureText][] = Object.entries(drafts).filter(
            ([, one]) => one.title.trim() !== '',
        );
        for (const [of, one] of texts)
            await request('PATCH', `/lectures/${lecture.id}`, { body: { language: of, ...one } });
        if (provider !== '' && provider !== lecture.provider_id)
            await request('PATCH', `/lectures/${lecture.id}`, { body: { provider } });
    };
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        if (await saving.run(save)) {
            toast(t('admin.saved'));
            onSaved();
            onClose();
        }
    };
    return (
        <Dialog title={t('admin.edit_texts')} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <SelectField
                    label={t('admin.text_language')}
                    name="language"
                    value={language}
                    options={languageOptions(lecture)}
                    onChange={setLanguage}
                />
                <TextField
                    label={t('admin.lecture_title')}
                    name="title"
                    value={text.title}
                    required
                    onInput={(title) => draft({ title })}
                />
                <Field label={t('admin.lecture_description')}>
                    {(attributes) => (
                        <textarea
                            class="input"
                            name="description"
                            rows={4}
                            {...attributes}
                            value={text.description}
                            onInput={(event) => draft({ description: event.currentTarget.value })}
                        />
                    )}
                </Field>
                <ProviderField value={provider} onChange={setProvider} />
                {saving.problem && <ProblemNotice problem={saving.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="primary" type="submit" busy={saving.busy}>
                        {t('admin.save')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

/** Languages that have texts come first, and are marked. */
function languageOptions(lecture: Lecture): { value: string; label: string }[] {
    const there = Object.keys(lecture.titles);
    const others = [lecture.language, ...offeredLanguages].filter((code) => !there.includes(code));
    return [
        ...there.map((code) => ({
            value: code,
            label: t('admin.language_has_text', { language: languageName(code) }),
        })),
        ...[...new Set(others)].map((code) => ({ value: code, label: languageName(code) })),
    ];
}
