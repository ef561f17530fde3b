import { useEffect, useRef } from 'preact/hooks';
import { request } from '../../shared/api';
import { Button } from '../../shared/components/button';
import { ProgressBar } from '../../shared/components/progress_bar';
import { useLoaded } from '../../shared/hooks';
import { useAction } from '../../shared/staff/use_action';
import type { UnfinishedUpload, UploadsAnswer } from '../../shared/staff_types';
import { currentLanguage, t } from '../../shared/text';
import { formatBytes, formatDateTime } from '../../shared/time';
import { readerZone } from '../../shared/zones';
import type { UploadItem } from './upload_item';

/**
 * Uploads that a closed page or another machine left behind: choosing the same file again goes on with them. Those that this
 * page sends itself have cards of their own.
 */
export function UnfinishedUploads({ uploads }: { uploads: UploadItem[] }) {
    const action = useAction();
    const unfinished = useLoaded(
        'uploads',
        async () => (await request<UploadsAnswer>('GET', '/uploads')).uploads,
    );
    const own = new Set(uploads.map((item) => item.uploadId));
    /* One that was cancelled without a line is left at the server; one that is done is no longer there. */
    const standing = uploads.map((item) => `${item.key} ${item.uploadId} ${isMoving(item)}`).join();
    const listed = useRef(standing);
    useEffect(() => {
        if (listed.current !== standing) void unfinished.reload();
        listed.current = standing;
    }, [standing]);
    const list = unfinished.value?.filter((one) => !own.has(one.id)) ?? [];
    if (list.length === 0) return null;
    const drop = (id: string) =>
        action.run(async () => {
            await fetch(`/api/v1/uploads/${id}`, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } });
            await unfinished.reload();
        });
    return (
        <section class="card unfinished" aria-labelledby="unfinished-title">
            <h2 id="unfinished-title">{t('upload.unfinished')}</h2>
            <p class="soft">{t('upload.unfinished_text')}</p>
            <ul class="unfinished-list">
                {list.map((one) => (
                    <li key={one.id}>
                        <span class="unfinished-name">{nameOf(one)}</span>
                        <ProgressBar
                            part={one.length_bytes === null ? 0 : one.offset_bytes / one.length_bytes}
                            label={t('upload.progress', { file: nameOf(one) })}
                        />
                        <span class="soft">
                            {t('upload.unfinished_facts', {
                                sizes: sizesOf(one),
                                expires: formatDateTime(one.expires_at_ms, currentLanguage(), readerZone()),
                            })}
                        </span>
                        <Button small kind="quiet" busy={action.busy} onClick={() => void drop(one.id)}>
                            {t('upload.drop')}
                        </Button>
                    </li>
                ))}
            </ul>
        </section>
    );
}

/* Programs that send a file in parts give these no names. */
function nameOf({ kind, file_name }: UnfinishedUpload): string {
    return kind === 'partial' ? t('upload.part') : file_name;
}

function sizesOf({ offset_bytes, length_bytes }: UnfinishedUpload): string {
    const sent = formatBytes(offset_bytes, currentLanguage());
    if (length_bytes === null) return sent;
    return t('upload.sizes', { sent, size: formatBytes(length_bytes, currentLanguage()) });
}

function isMoving({ state }: UploadItem): boolean {
    return state === 'sending' || state === 'retrying';
}
