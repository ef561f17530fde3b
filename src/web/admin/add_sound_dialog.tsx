import { useEffect, useRef, useState } from 'preact/hooks';
import { Upload, type DetailedError } from 'tus-js-client';
import { FileField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { ProgressBar } from '../shared/components/progress_bar';
import { LanguageField } from '../shared/staff/language_field';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { OffsetField, offsetOf } from './offset_field';
import { problemOf } from './upload/file_upload';

const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onSent: () => void;
}

/** Sends an interpreter's recording; closing the dialog meanwhile gives it up. */
export function AddSoundDialog({ lecture, onClose, onSent }: Properties) {
    const sending = useAction();
    const [part, setPart] = useState(0);
    const upload = useRef<Upload | null>(null);
    useEffect(() => () => void upload.current?.abort(true).catch(() => undefined), []);
    const submit = async (form: FormData) => {
        const file = form.get('file') as File;
        setPart(0);
        const done = await sending.run(async () => {
            await send(
                file,
                {
                    kind: 'sound',
                    lecture: lecture.id,
                    language: String(form.get('language')).trim(),
                    offset_ms: String(offsetOf(form)),
                    filename: file.name,
                },
                (begun) => (upload.current = begun),
                setPart,
            );
            upload.current = null;
        });
        if (!done) return;
        onSent();
        onClose();
    };
    return (
        <FormDialog
            title={t('admin.add_sound')}
            action={t('admin.send')}
            sending={sending}
            onSubmit={(form) => void submit(form)}
            onClose={onClose}>
            <LanguageField label={t('admin.sound_language')} name="language" value="" />
            <FileField
                label={t('admin.sound_file')}
                hint={t('admin.sound_file_hint')}
                accept="audio/*,video/*,.mkv,.m4a"
            />
            <OffsetField value={0} />
            {sending.busy && <ProgressBar part={part} label={t('admin.sound_sending')} />}
        </FormDialog>
    );
}

function send(
    file: File,
    metadata: Record<string, string>,
    onBegun: (upload: Upload) => void,
    onPart: (part: number) => void,
): Promise<void> {
    return new Promise((resolve, reject) => {
        const upload = new Upload(file, {
            endpoint: '/api/v1/uploads',
            retryDelays: RETRY_DELAYS_MS,
            storeFingerprintForResuming: false,
            metadata,
            onShouldRetry: (error) => isPassing(error),
            onProgress: (sent, total) => onPart(total > 0 ? sent / total : 0),
            onSuccess: () => resolve(),
            onError: (error) => reject(problemOf(error)),
        });
        onBegun(upload);
        upload.start();
    });
}

/** A dropped line, or a server in trouble.  A lecture that is not ready yet, which is a conflict, does not pass by itself. */
function isPassing(error: DetailedError): boolean {
    const status = error.originalResponse?.getStatus() ?? 0;
    return status === 0 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}
