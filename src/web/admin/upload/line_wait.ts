/* Waits for the line to be back: until the browser says so, or some time has passed, whichever is first. */
export class LineWait {
    private timer: ReturnType<typeof setTimeout> | undefined;
    private listener: (() => void) | null = null;

    constructor(
        private readonly longestMs: number,
        private readonly line: EventTarget,
    ) {}

    /** Calls `then` once, unless stop() comes before; a later call takes the place of an earlier one. */
    begin(then: () => void): void {
        this.stop();
        const listener = () => {
            this.stop();
            then();
        };
        this.listener = listener;
        this.line.addEventListener('online', listener);
        this.timer = setTimeout(listener, this.longestMs);
    }

    stop(): void {
        clearTimeout(this.timer);
        if (this.listener) this.line.removeEventListener('online', this.listener);
        this.listener = null;
    }
}
