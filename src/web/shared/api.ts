/* Requests to the server: JSON in, JSON or a Problem out. */
import { contentLanguage } from './language';
import type { Finding } from './staff_types';

/** An RFC 9457 problem document, or a fault before one could come (code "offline", status 0). */
export class Problem extends Error {
    constructor(
        readonly code: string,
        readonly status: number,
        /** The server's sentence: English, and the only one that knows particulars. */
        readonly sentence: string = '',
        readonly field: string = '',
        /** Of the sentence: the page's own are in the reader's. */
        readonly language: string = 'en',
        /** What the sentence says, for programs: a code and its parameters. */
        readonly finding: Finding | null = null,
    ) {
        super(`${code} (${status})`);
    }
}

export function asProblem(fault: unknown): Problem {
    return fault instanceof Problem ? fault : new Problem('page-fault', 0, String(fault));
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
    body?: unknown;
    keepalive?: boolean;
    signal?: AbortSignal;
}

export async function request<Answer>(
    method: Method,
    path: string,
    options: RequestOptions = {},
): Promise<Answer> {
    const response = await send(method, `/api/v1${path}`, options);
    if (!response.ok) throw await readProblem(response);
    return response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer);
}

async function send(method: Method, url: string, options: RequestOptions): Promise<Response> {
    const init: RequestInit = {
        method,
        headers: { Accept: 'application/json' },
        keepalive: options.keepalive ?? false,
    };
    if (options.signal) init.signal = options.signal;
    if (options.body instanceof Blob) {
        init.body = options.body;
    } else if (options.body !== undefined) {
        init.body = JSON.stringify(options.body);
        init.headers = { ...init.headers, 'Content-Type': 'application/json' };
    }
    try {
        return await fetch(url, init);
    } catch {
        throw new Problem('offline', 0);
    }
}

async function readProblem(response: Response): Promise<Problem> {
    try {
        return problemOfDocument((await response.json()) as Record<string, unknown>, response.status);
    } catch {
        return new Problem(response.status === 503 ? 'busy' : 'internal', response.status);
    }
}

/** Of a problem document (RFC 9457). */
export function problemOfDocument(body: Record<string, unknown>, status: number): Problem {
    const sentence = String(body['detail'] ?? body['title'] ?? '');
    const particulars = body['particulars'] as Finding | undefined;
    return new Problem(
        String(body['code'] ?? 'internal'),
        status,
        sentence,
        String(body['field'] ?? ''),
        'en',
        particulars ? { ...particulars, sentence, action: '' } : null,
    );
}

/** Adds ?language= where titles come back. */
export function inLanguage(path: string, language: string | null = contentLanguage()): string {
    if (language === null) return path;
    return `${path}${path.includes('?') ? '&' : '?'}language=${encodeURIComponent(language)}`;
}
