/* A person's own proof comes in pages, which in a row are the file. */
import { asProblem, problemOfDocument, type Problem } from './api';

/** The address of the page after this answer's; null after the last. */
export function nextPage(link: string | null, path: string): string | null {
    const target = /^<(\?[^>]*)>;\s*rel="next"$/.exec(link ?? '')?.[1];
    return target === undefined ? null : path + target;
}

/** Fetches all pages and gives the file to the reader; the problem, where there is one. */
export async function downloadProof(path: string, name: string): Promise<Problem | null> {
    const parts: Blob[] = [];
    try {
        for (let page: string | null = path; page !== null; ) {
            const answer: Response = await fetch(page);
            if (!answer.ok)
                return problemOfDocument((await answer.json()) as Record<string, unknown>, answer.status);
            parts.push(await answer.blob());
            page = nextPage(answer.headers.get('Link'), path);
        }
    } catch (fault) {
        return asProblem(fault);
    }
    const address = URL.createObjectURL(new Blob(parts, { type: 'application/jsonl' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
    return null;
}
