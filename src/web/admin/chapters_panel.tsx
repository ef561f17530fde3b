import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Field } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { toast } from '../shared/components/toast';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { chaptersAsText, chaptersOfText } from './chapter_list';

/** Where the parts of a lecture begin: how many there are, and the list to change them. */
export function ChaptersPanel({ lecture, onChange }: { lecture: Lecture; onChange: () => Promise<void> }) {
    const [editing, setEditing] = useState(false);
    return (
        <section class="lecture-part">
            <h3>{t('admin.chapters')}</h3>
            <div class="row">
                {lecture.chapters.length > 0 && (
                    <span>{t('admin.chapter_count', { count: lecture.chapters.length })}</span>
                )}
                <Button kind="quiet" small onClick={() => setEditing(true)}>
                    {t('admin.edit_chapters')}
                </Button>
            </div>
            {editing && <ChaptersDialog lecture={lecture} onClose={() => setEditing(false)} onSaved={onChange} />}
        </section>
    );
}

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onSaved: () => Promise<void>;
}

function ChaptersDialog({ lecture, onClose, onSaved }: Properties) {
    const { language } = lecture;
    const [text, setText] = useState(() => chaptersAsText(lecture.chapters, language));
    const [wrong, setWrong] = useState(0);
    const saving = useAction();
    const submit = async () => {
        const chapters = chaptersOfText(text, language, lecture.chapters);
        setWrong(typeof chapters === 'number' ? chapters : 0);
        if (typeof chapters === 'number') return;
        const address = `/lectures/${lecture.id}/chapters`;
        if (!(await saving.run(() => request('PUT', address, { body: { chapters } })))) return;
        toast(t('admin.saved'));
        void onSaved();
        onClose();
    };
    return (
        <FormDialog
            title={t('admin.edit_chapters')}
            action={t('admin.save')}
            sending={saving}
            onSubmit={() => void submit()}
            onClose={onClose}>
            <Field
                label={t('admin.chapters_in', { language: languageName(language) })}
                hint={t('admin.chapters_hint')}
                problem={wrong > 0 ? t('admin.chapters_wrong', { line: wrong }) : undefined}>
                {(attributes) => (
                    <textarea
                        class="input"
                        rows={8}
                        {...attributes}
                        value={text}
                        onInput={(event) => setText(event.currentTarget.value)}
                    />
                )}
            </Field>
        </FormDialog>
    );
}
