/* A steady figure from jumpy progress: an average in which what is older than some seconds counts little. Pure but for the given clock. */
const HALF_LIFE_MS = 4000;

export class Speed {
    private lastBytes: number | null = null;
    private lastAt = 0;
    private value = 0;

    /** Returns bytes a second. */
    note(bytes: number, nowMs: number): number {
        if (this.lastBytes === null || bytes < this.lastBytes) {
            this.lastBytes = bytes;
            this.lastAt = nowMs;
            return this.value;
        }
        const passed = nowMs - this.lastAt;
        if (passed < 200) return this.value;
        const current = ((bytes - this.lastBytes) / passed) * 1000;
        const weight = 1 - Math.pow(0.5, passed / HALF_LIFE_MS);
        this.value = this.value === 0 ? current : this.value + (current - this.value) * weight;
        this.lastBytes = bytes;
        this.lastAt = nowMs;
        return this.value;
    }

    reset(): void {
        this.lastBytes = null;
        this.value = 0;
    }
}
