/*
 * Pictures that only make the player nicer: the poster, and the thumbnails of the seek bar. They come when first needed, give way to
 * the lecture itself, and are left out where bytes are dear.
 */

/* A sheet of thumbnails weighs as much as half a minute of lecture on such a line. */
const POOR_BITS_PER_SECOND = 300_000;

/** What Chromium knows of the line (Network Information API). */
interface Connection {
    saveData?: boolean;
    effectiveType?: string;
}

/** Does the reader, the browser or what was measured (null: nothing yet) speak against pictures for comfort? */
export function bytesAreDear(
    measuredBitsPerSecond: number | null,
    connection: Connection = (navigator as { connection?: Connection }).connection ?? {},
): boolean {
    return (
        connection.saveData === true ||
        (connection.effectiveType ?? '').endsWith('2g') ||
        (measuredBitsPerSecond !== null && measuredBitsPerSecond < POOR_BITS_PER_SECOND)
    );
}

/** The picture as an address of this page's own; null where there is none or the line gave way. Abort ends it at once. */
export async function loadPicture(address: string, signal: AbortSignal): Promise<string | null> {
    try {
        const answer = await fetch(address, { signal, priority: 'low' });
        return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
    } catch {
        return null;
    }
}
