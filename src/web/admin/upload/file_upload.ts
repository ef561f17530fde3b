/*
 * Sends one file, and goes on after whatever breaks: tus-js-client tries again for a while; then we wait for the line to be
 * back. A page that was closed goes on when the same file is chosen again, from the place that the server has: this browser
 * remembers its own uploads, and the server tells those that were begun elsewhere.
 */
import { DetailedError, Upload, type HttpRequest, type HttpResponse } from 'tus-js-client';
import { asProblem, Problem, problemOfDocument, request } from '../../shared/api';
import type { UploadLimits, UploadsAnswer } from '../../shared/staff_types';
import { currentLanguage, t } from '../../shared/text';
import { formatBytes } from '../../shared/time';
import { begunBefore } from './begun_before';
import { LineWait } from './line_wait';
import { Speed } from './speed';
import { titleOf } from './title_of';
import type { Purpose, UploadItem } from './upload_item';

const ENDPOINT = '/api/v1/uploads';
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
/* Long enough not to hammer a server in trouble, short enough that nobody gives up. */
const NEXT_ROUND_MS = 30_000;

export class FileUpload {
    private readonly upload: Upload;
    private readonly speed = new Speed();
    private readonly line = new LineWait(NEXT_ROUND_MS, window);
    private lectureId: string | null = null;
    /* Counts what the admin asked for: an answer that comes after the next press is of no interest any more. */
    private turn = 0;
    private stopped = true;

    constructor(
        private readonly file: File,
        private readonly purpose: Purpose,
        private readonly isTaken: (id: string) => boolean,
        private readonly change: (change: Partial<UploadItem>) => void,
    ) {
        this.upload = new Upload(file, {
            endpoint: ENDPOINT,
            retryDelays: RETRY_DELAYS_MS,
            removeFingerprintOnSuccess: true,
            metadata: metadataOf(file, purpose),
            ...(purpose.becomes === 'version' ? { fingerprint: fingerprintOf(file, purpose) } : {}),
            onUploadUrlAvailable: () => this.change({ uploadId: this.uploadId }),
            onBeforeRequest: (asked) => this.refuseWhenStopped(asked),
            onProgress: (sent) => this.progress(sent),
            onAfterResponse: (_request, response) => this.noteLecture(response),
            onShouldRetry: (error) => this.mayRetry(error),
            onSuccess: () => this.change({ state: 'done', sent: file.size, lectureId: this.lectureId }),
            onError: (error) => this.failed(error),
        });
    }

    /** Its name at the server, once it has one. */
    get uploadId(): string | null {
        return idOf(this.upload.url);
    }

    /** Begins, or goes on after pause() or trouble. */
    async start(): Promise<void> {
        const turn = ++this.turn;
        this.stopped = false;
        this.line.stop();
        this.speed.reset();
        this.change({ state: 'sending', problem: null });
        try {
            if (this.upload.url === null) await this.findBegun();
        } catch (fault) {
            if (turn === this.turn) this.failed(asProblem(fault));
            return;
        }
        if (turn === this.turn) this.upload.start();
    }

    pause(): void {
        this.stop();
        void this.upload.abort();
        this.change({ state: 'paused', bytesPerSecond: 0 });
    }

    /** Ends the upload at the server too; rejects when the server could not be told, and then it is listed as unfinished. */
    async cancel(): Promise<void> {
        this.stop();
        await this.upload.abort(true);
    }

    private stop(): void {
        this.turn++;
        this.stopped = true;
        this.line.stop();
    }

    private async findBegun(): Promise<void> {
        const remembered = (await this.upload.findPreviousUploads()).find(
            (one) => !this.isTaken(idOf(one.uploadUrl) ?? ''),
        );
        if (remembered) {
            this.upload.resumeFromPreviousUpload(remembered);
            return;
        }
        const { uploads, limits } = await request<UploadsAnswer>('GET', '/uploads');
        const found =
            this.purpose.becomes === 'lecture' ? begunBefore(uploads, this.file, this.isTaken) : null;
        if (found) this.upload.options.uploadUrl = `${ENDPOINT}/${found.id}`;
        else refuseBeyond(limits, this.file.size);
    }

    /* Between start() and its first request tus-js-client reads the file, and forgets an abort() that came meanwhile. */
    private refuseWhenStopped(asked: HttpRequest): void {
        if (this.stopped && asked.getMethod() !== 'DELETE') throw new Error('stopped');
    }

    private progress(sent: number): void {
        this.change({ state: 'sending', sent, bytesPerSecond: this.speed.note(sent, performance.now()) });
    }

    private noteLecture(response: HttpResponse): void {
        this.lectureId = response.getHeader('Lectern-Lecture') || this.lectureId;
    }

    private mayRetry(error: DetailedError): boolean {
        if (this.stopped || !isPassing(error)) return false;
        this.speed.reset();
        this.change({ state: 'retrying', bytesPerSecond: 0 });
        return true;
    }

    private failed(error: Error): void {
        if (this.stopped) return;
        this.speed.reset();
        if (isPassing(error)) {
            this.change({ state: 'retrying', bytesPerSecond: 0 });
            this.line.begin(() => void this.start());
            return;
        }
        const problem = problemOf(error);
        const refused = problem.code === 'media-refused' || problem.code === 'body-too-large';
        this.change({
            state: refused ? 'refused' : 'failed',
            bytesPerSecond: 0,
            problem,
            finding: problem.finding,
        });
    }
}

function metadataOf(file: File, purpose: Purpose): Record<string, string> {
    const filename = file.name;
    if (purpose.becomes === 'lecture') return { filename, title: titleOf(filename), language: purpose.spoken };
    return { filename, kind: 'version', lecture: purpose.lecture, timeline: purpose.timeline };
}

/** By which this browser finds its own upload again: one for another lecture, or of another timeline, is another one. */
function fingerprintOf(file: File, { lecture, timeline }: Purpose & { becomes: 'version' }) {
    const words = ['lectern', lecture, timeline, file.name, file.size, file.lastModified].join('-');
    return () => Promise.resolve(words);
}

/** Nobody sends for an hour what the server will not take. */
function refuseBeyond(limits: UploadLimits, size: number): void {
    if (size > limits.file_bytes_max) {
        const most = formatBytes(limits.file_bytes_max, currentLanguage());
        throw new Problem('body-too-large', 413, t('upload.too_large', { most }), '', currentLanguage());
    }
    if (limits.uploads_left === 0 || size > limits.bytes_left) throw new Problem('upload-quota', 413);
}

function idOf(address: string | null): string | null {
    return address?.split('/').pop() || null;
}

function statusOf(error: Error): number {
    if (error instanceof Problem) return error.status;
    return error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

/** A dropped line, a server in trouble, or another connection that still holds the upload: all of these pass. */
function isPassing(error: Error): boolean {
    const status = statusOf(error);
    /* Another version is being prepared already, or the lecture cannot be replaced: somebody has to look. */
    if (problemOf(error).code === 'conflict') return false;
    return (
        status === 0 ||
        status === 409 ||
        status === 423 ||
        status === 429 ||
        (status >= 500 && status !== 507)
    );
}

function bodyOf(error: Error): Record<string, unknown> {
    const response = error instanceof DetailedError ? error.originalResponse : null;
    try {
        return JSON.parse(response?.getBody() ?? '') as Record<string, unknown>;
    } catch {
        return {};
    }
}

/** What the server said. */
export function problemOf(error: Error): Problem {
    if (error instanceof Problem) return error;
    return problemOfDocument(bodyOf(error), statusOf(error));
}
