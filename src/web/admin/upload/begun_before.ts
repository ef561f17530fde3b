import type { UnfinishedUpload } from '../../shared/staff_types';

/**
 * The upload of a new lecture at the server that this file goes on with, begun on any machine; the newest when there are several. Name and
 * length are all that both sides know of a file. Pure.
 */
export function begunBefore(
    uploads: readonly UnfinishedUpload[],
    file: { name: string; size: number },
    isTaken: (id: string) => boolean,
): UnfinishedUpload | null {
    const fitting = uploads.filter(
        (one) =>
            one.kind === 'whole' &&
            one.becomes === 'lecture' &&
            one.file_name === file.name &&
            one.length_bytes === file.size &&
            !isTaken(one.id),
    );
    fitting.sort((a, b) => b.created_at_ms - a.created_at_ms);
    return fitting[0] ?? null;
}
