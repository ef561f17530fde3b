/*
 * A lecture grows while people watch: it can be watched as soon as its sound and smallest picture are there, and sharper pictures,
 * interpreters, captions, chapters and handouts come later. The master playlist lists all that plays, is small, and is confirmed by a
 * 304 while it is as it was. Of the rest it says nothing: that is asked for now and then, and when somebody looks for something.
 */

/* A menu may be opened again and again. */
const LEAST_BETWEEN_MS = 2000;
/* Without a reason to. */
const STOCK_MS = 5 * 60_000;

export class Growth {
    private known: string | null = null;
    private lookedAt = -Infinity;
    private stockedAt = -Infinity;

    /** takeStock: asks for all that is on offer, and says whether it could; else it is asked again. */
    constructor(private readonly takeStock: () => Promise<boolean>) {}

    /** sought: somebody opened a menu, so all is asked for. */
    async look(address: string, sought: boolean): Promise<void> {
        const now = performance.now();
        if (now - this.lookedAt < LEAST_BETWEEN_MS) return;
        this.lookedAt = now;
        const playlist = await fetch(address)
            .then((answer) => (answer.ok ? answer.text() : null))
            .catch(() => null);
        if (playlist === null) return;
        if (playlist === this.known && !sought && now - this.stockedAt < STOCK_MS) return;
        if (!(await this.takeStock())) return;
        this.known = playlist;
        this.stockedAt = now;
    }
}
