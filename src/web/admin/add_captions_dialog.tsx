import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { FileField, SelectField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { toast } from '../shared/components/toast';
import { LanguageField } from '../shared/staff/language_field';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { maybeText, t } from '../shared/text';
import { formatPosition } from '../shared/time';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onAdded: () => void;
}

interface Repair {
    code: string;
    line: number;
    count: number;
    /** In English, for codes that the page does not know. */
    sentence: string;
}

interface Answer {
    language: string;
    encoding: string;
    cue_count: number;
    repaired_count: number;
    repairs: Repair[];
    first: { start_ms: number; end_ms: number; text: string }[];
}

/** Those that files of our participants' languages come in; the first is found out by the server. */
const encodings = [
    '', 'UTF-8', 'UTF-16LE', 'UTF-16BE', 'windows-1252', 'windows-1251', 'windows-1258', 'Shift_JIS', 'EUC-JP',
    'GB18030', 'Big5', 'EUC-KR', 'windows-874', 'windows-1250', 'windows-1253', 'windows-1254', 'windows-1255',
    'windows-1256', 'windows-1257', 'KOI8-R', 'macintosh',
];

export function AddCaptionsDialog({ lecture, onClose, onAdded }: Properties) {
    const sending = useAction();
    const looking = useAction();
    const [seen, setSeen] = useState<Answer | null>(null);
    const send = async (method: 'PUT' | 'POST', rest: string, form: FormData) => {
        const language = encodeURIComponent(String(form.get('language')).trim());
        const encoding = encodeURIComponent(String(form.get('encoding')));
        return request<Answer>(method, `/lectures/${lecture.id}/captions/${language}${rest}?encoding=${encoding}`, {
            body: await readText(form.get('file') as File),
        });
    };
    /* What would become of the file, before it is kept. */
    const look = async (form: FormData) => {
        if ((form.get('file') as File).size === 0) return;
        if (!(await looking.run(async () => setSeen(await send('POST', '/preview', form))))) setSeen(null);
    };
    const submit = async (form: FormData) => {
        const done = await sending.run(async () => {
            const answer = await send('PUT', '', form);
            toast(
                t('admin.captions_added', {
                    language: languageName(answer.language),
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
        <FormDialog
            title={t('admin.add_captions')}
            action={t('admin.send')}
            sending={{ busy: sending.busy, problem: sending.problem ?? looking.problem }}
            onChange={(form) => void look(form)}
            onSubmit={(form) => void submit(form)}
            onClose={onClose}>
            <LanguageField label={t('admin.captions_language')} name="language" value={lecture.language} />
            <FileField
                label={t('admin.captions_file')}
                hint={t('admin.captions_file_hint')}
                accept=".vtt,.srt,.sbv,.ass,.ssa,text/vtt"
            />
            <SelectField
                label={t('admin.captions_encoding')}
                name="encoding"
                value=""
                options={encodings.map((name) => ({ value: name, label: name || t('admin.captions_encoding_found') }))}
            />
            {seen && <Preview answer={seen} />}
        </FormDialog>
    );
}

function Preview({ answer }: { answer: Answer }) {
    return (
        <section class="captions-preview" aria-live="polite">
            <h3>{t('admin.captions_preview', { encoding: answer.encoding })}</h3>
            <ol>
                {answer.first.map((cue) => (
                    <li key={cue.start_ms}>
                        <span class="figures soft">{formatPosition(cue.start_ms)}</span>{' '}
                        <span dir="auto">{cue.text.replace(/<[^>]*>/g, '')}</span>
                    </li>
                ))}
            </ol>
            {answer.repairs.length > 0 && (
                <details>
                    <summary>{t('admin.captions_mended', { count: answer.repaired_count })}</summary>
                    <ul>
                        {answer.repairs.map((repair) => (
                            <RepairLine key={`${repair.code} ${repair.line}`} repair={repair} />
                        ))}
                    </ul>
                </details>
            )}
        </section>
    );
}

function RepairLine({ repair }: { repair: Repair }) {
    const what = maybeText(`repair.${repair.code}`);
    if (what === null) return <li lang="en">{repair.sentence}</li>;
    return <li>{t('admin.captions_repair', { line: repair.line, what, count: repair.count })}</li>;
}

/** The file as it is, but with one type: browsers guess none for .srt. */
async function readText(file: File): Promise<Blob> {
    return new Blob([await file.arrayBuffer()], { type: 'text/vtt' });
}
