/*
 * Sends one file, and goes on after whatever breaks: tus-js-client tries again for a while; then we wait for the line to be
 * back. A page that was closed goes on when the same file is chosen again, from the place that the server has.
 */
import { DetailedError, Upload, type HttpResponse } from 'tus-js-client';
import { Problem } from '../../shared/api';
import { Speed } from './speed';
import { titleOf } from './title_of';
import type { UploadItem } from './upload_item';

const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
/* Long enough not to hammer a server in trouble, short enough that nobody gives up. */
const NEXT_ROUND_MS = 30_000;

export class FileUpload {
    private readonly upload: Upload;
    private readonly speed = new Speed();
    private timer: ReturnType<typeof setTimeout> | undefined;
    private lectureId: string | null = null;
    private begun = false;

    constructor(
        file: File,
        spoken: string,
        private readonly change: (change: Partial<UploadItem>) => void,
    ) {
        this.upload = new Upload(file, {
            endpoint: '/api/v1/uploads',
            retryDelays: RETRY_DELAYS_MS,
            removeFingerprintOnSuccess: true,
            metadata: { filename: file.name, title: titleOf(file.name), language: spoken },
            onProgress: (sent) => this.progress(sent),
            onAfterResponse: (_request, response) => this.noteLecture(response),
            onShouldRetry: (error) => this.mayRetry(error),
            onSuccess: () => this.change({ state: 'done', sent: file.size, lectureId: this.lectureId }),
            onError: (error) => this.failed(error),
        });
    }

    async start(): Promise<void> {
        if (this.begun) {
            this.resume();
            return;
        }
        this.begun = true;
        const [previous] = await this.upload.findPreviousUploads();
        if (previous) {
            this.upload.resumeFromPreviousUpload(previous);
            this.change({ resumed: true });
        }
        this.resume();
    }

    resume(): void {
        clearTimeout(this.timer);
        this.speed.reset();
        this.change({ state: 'sending', problem: null });
        this.upload.start();
    }

    pause(): void {
        clearTimeout(this.timer);
        void this.upload.abort();
        this.change({ state: 'paused', bytesPerSecond: 0 });
    }

    /** Ends the upload at the server too. */
    async cancel(): Promise<void> {
        clearTimeout(this.timer);
        await this.upload.abort(true);
    }

    private progress(sent: number): void {
        this.change({ state: 'sending', sent, bytesPerSecond: this.speed.note(sent, performance.now()) });
    }

    private noteLecture(response: HttpResponse): void {
        this.lectureId = response.getHeader('Lectern-Lecture') || this.lectureId;
    }

    private mayRetry(error: DetailedError): boolean {
        const passing = isPassing(error);
        if (passing) {
            this.speed.reset();
            this.change({ state: 'retrying', bytesPerSecond: 0 });
        }
        return passing;
    }

    private failed(error: Error | DetailedError): void {
        this.speed.reset();
        if (isPassing(error)) {
            this.change({ state: 'retrying', bytesPerSecond: 0 });
            this.waitForLine();
            return;
        }
        this.change({ state: 'failed', bytesPerSecond: 0, problem: problemOf(error) });
    }

    private waitForLine(): void {
        const again = () => {
            removeEventListener('online', again);
            this.resume();
        };
        addEventListener('online', again, { once: true });
        this.timer = setTimeout(again, NEXT_ROUND_MS);
    }
}

/** A dropped line, a server in trouble, or another connection that still holds the upload: all of these pass. */
function isPassing(error: Error | DetailedError): boolean {
    const status = error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
    return (
        status === 0 ||
        status === 409 ||
        status === 423 ||
        status === 429 ||
        (status >= 500 && status !== 507)
    );
}

function problemOf(error: Error | DetailedError): Problem {
    const response = error instanceof DetailedError ? error.originalResponse : null;
    try {
        const body = JSON.parse(response?.getBody() ?? '') as Record<string, unknown>;
        return new Problem(
            String(body['code'] ?? 'internal'),
            response?.getStatus() ?? 0,
            String(body['detail'] ?? body['title'] ?? ''),
        );
    } catch {
        return new Problem('internal', response?.getStatus() ?? 0);
    }
}
