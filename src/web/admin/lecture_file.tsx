import type { LectureFile } from '../shared/staff_types';
import { t } from '../shared/text';

interface Properties {
    file: LectureFile;
    /** Titles of other lectures that were made of the very same file. */
    sameTitles: string[];
}

/** Which file it was: its digest, and whether it is here already. */
export function LectureFileFacts({ file, sameTitles }: Properties) {
    return (
        <>
            {sameTitles.length > 0 && (
                <p class="notice" data-same-file>
                    {t('admin.same_file', { titles: sameTitles.map((title) => t('admin.quoted', { title })).join(', ') })}
                </p>
            )}
            <details class="verdict lecture-digest">
                <summary>{t('admin.digest')}</summary>
                <code>{file.sha256}</code>
            </details>
        </>
    );
}
