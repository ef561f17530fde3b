import { useRef, useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Field, SelectField, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { toast } from '../shared/components/toast';
import { offeredLanguages } from '../shared/staff/language_field';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, LectureText, Provider } from '../shared/staff_types';
import { t } from '../shared/text';
import { changedTexts, languageWithoutTitle, noText, type Texts } from './lecture_drafts';
import { ProviderField } from './provider_field';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onSaved: () => void;
}

/** Title and description per language, and who gives the lecture. What was typed in each language is kept until saved. */
export function EditLectureDialog({ lecture, onClose, onSaved }: Properties) {
    const [language, setLanguage] = useState(lecture.language);
    const [drafts, setDrafts] = useState<Texts>({});
    const [provider, setProvider] = useState(lecture.provider_id ?? '');
    const [newProvider, setNewProvider] = useState('');
    const [untitled, setUntitled] = useState<string | null>(null);
    const title = useRef<HTMLInputElement>(null);
    const saving = useAction();
    const text = drafts[language] ?? lecture.titles[language] ?? noText;
    const draft = (change: Partial<LectureText>) => {
        setUntitled(null);
        setDrafts({ ...drafts, [language]: { ...text, ...change } });
    };
    const save = async (texts: [string, LectureText][]) => {
        for (const [of, one] of texts)
            await request('PATCH', `/lectures/${lecture.id}`, { body: { language: of, ...one } });
        const chosen = newProvider.trim() === '' ? provider : await addProvider(newProvider);
        if (chosen !== (lecture.provider_id ?? ''))
            await request('PATCH', `/lectures/${lecture.id}`, { body: { provider: chosen || null } });
    };
    const submit = async () => {
        const texts = changedTexts(drafts, lecture.titles);
        const refused = languageWithoutTitle(texts);
        setUntitled(refused);
        if (refused !== null) {
            setLanguage(refused);
            title.current?.focus();
            return;
        }
        if (await saving.run(() => save(texts))) {
            toast(t('admin.saved'));
            onSaved();
            onClose();
        }
    };
    return (
        <FormDialog
            title={t('admin.edit_texts')}
            action={t('admin.save')}
            sending={saving}
            onSubmit={() => void submit()}
            onClose={onClose}>
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
                problem={
                    untitled === language
                        ? t('admin.title_missing', { language: languageName(language) })
                        : undefined
                }
                inputRef={title}
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
            <ProviderField
                value={provider}
                onChange={setProvider}
                newName={newProvider}
                onNewName={setNewProvider}
            />
        </FormDialog>
    );
}

async function addProvider(name: string): Promise<string> {
    return (await request<Provider>('POST', '/providers', { body: { name: name.trim() } })).id;
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
