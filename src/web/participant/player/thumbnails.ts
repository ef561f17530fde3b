/*
 * Small pictures of a lecture, many on a sheet. thumbnails.vtt says which part of which sheet stands for which time: the text of a
 * cue is "thumbnails-0.jpg#xywh=160,0,160,90", as players of other houses read it too.
 */
import { loadPicture } from './comfort';

export interface Thumbnail {
    fromMs: number;
    sheet: string;
    x: number;
    y: number;
    width: number;
    height: number;
}

const CUE = /^([\d:.]+) --> [\d:.]+\s+(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** In order of time; what is no such cue is passed over. */
export function readThumbnails(index: string): Thumbnail[] {
    return [...index.matchAll(CUE)].map(([, from = '', sheet = '', ...place]) => {
        const [x = 0, y = 0, width = 0, height = 0] = place.map(Number);
        return { fromMs: milliseconds(from), sheet, x, y, width, height };
    });
}

function milliseconds(time: string): number {
    return Math.round(time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}

export function thumbnailAt(thumbnails: readonly Thumbnail[], ms: number): Thumbnail | undefined {
    return thumbnails.filter((thumbnail) => thumbnail.fromMs <= ms).at(-1) ?? thumbnails[0];
}

/** Of one lecture's version: the index once, each sheet when a picture of it is first wanted. */
export class ThumbnailShelf {
    thumbnails: Thumbnail[] = [];
    private readonly sheets = new Map<string, string | null>();
    private readonly ending = new AbortController();
    private begun = false;

    constructor(
        private readonly folder: string,
        private readonly changed: () => void,
    ) {}

    /** The picture for a time with its sheet, once both are here; what is missing is fetched. */
    at(ms: number): { thumbnail: Thumbnail; sheet: string } | null {
        void this.fetchIndex();
        const thumbnail = thumbnailAt(this.thumbnails, ms);
        if (!thumbnail) return null;
        void this.fetchSheet(thumbnail.sheet);
        const sheet = this.sheets.get(thumbnail.sheet);
        return sheet ? { thumbnail, sheet } : null;
    }

    end(): void {
        this.ending.abort();
        for (const sheet of this.sheets.values()) if (sheet) URL.revokeObjectURL(sheet);
    }

    private async fetchIndex(): Promise<void> {
        if (this.begun) return;
        this.begun = true;
        try {
            const answer = await fetch(`${this.folder}/thumbnails.vtt`, { signal: this.ending.signal });
            if (answer.ok) this.thumbnails = readThumbnails(await answer.text());
        } catch {
            /* The line is down: the next time one points at the seek bar it may be back. */
            this.begun = false;
        }
        this.changed();
    }

    private async fetchSheet(name: string): Promise<void> {
        if (this.sheets.has(name)) return;
        this.sheets.set(name, null);
        const sheet = await loadPicture(`${this.folder}/${name}`, this.ending.signal);
        if (sheet) this.sheets.set(name, sheet);
        else this.sheets.delete(name);
        if (sheet) this.changed();
    }
}
