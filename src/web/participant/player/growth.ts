/*
 * A lecture grows while people watch: it can be watched as soon as its sound and smallest picture are there, and sharper pictures,
 * interpreters and captions come later. The master playlist lists them all, is small, and is confirmed by a 304 while it is as it was.
 */

/* A menu may be opened again and again. */
const LEAST_BETWEEN_MS = 2000;

export class Growth {
    private known: string | null = null;
    private lookedAt = -Infinity;

    /** grown: takes stock of what the new playlist offers, and says whether it could; else it is asked again. */
    constructor(private readonly grown: () => Promise<boolean>) {}

    async look(address: string): Promise<void> {
        if (performance.now() - this.lookedAt < LEAST_BETWEEN_MS) return;
        this.lookedAt = performance.now();
        const playlist = await fetch(address)
            .then((answer) => (answer.ok ? answer.text() : null))
            .catch(() => null);
        if (playlist === null || playlist === this.known) return;
        if (await this.grown()) this.known = playlist;
    }
}
