import { useEffect, useRef, useState } from 'preact/hooks';
import { formatPosition } from '../../shared/time';
import { bytesAreDear } from './comfort';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import { ThumbnailShelf } from './thumbnails';

/* Who only passes over the bar on the way to a button wants no picture of it. */
const SETTLE_MS = 150;

interface Properties {
    player: Player;
    lecture: PlayerLecture;
    /** Where one would land; null while nobody points. */
    atMs: number | null;
}

/** Where one would land: the time, the chapter, and a small picture. Screen readers hear it from the bar itself. */
export function SeekPreview({ player, lecture, atMs }: Properties) {
    const found = useThumbnail(player, lecture, atMs);
    if (atMs === null) return null;
    const chapter = chapterAt(lecture, atMs);
    return (
        <div
            class="seek-preview"
            aria-hidden="true"
            style={{ '--at': lecture.durationMs > 0 ? atMs / lecture.durationMs : 0 }}>
            {found && (
                <span
                    class="seek-picture"
                    style={{ width: `${found.thumbnail.width}px`, height: `${found.thumbnail.height}px` }}>
                    <img
                        src={found.sheet}
                        alt=""
                        style={{ transform: `translate(${-found.thumbnail.x}px, ${-found.thumbnail.y}px)` }}
                    />
                </span>
            )}
            <span class="seek-words">
                <span class="figures">{formatPosition(atMs)}</span>
                {chapter && (
                    <span class="seek-chapter" dir="auto" lang={lecture.textLanguage}>
                        {chapter}
                    </span>
                )}
            </span>
        </div>
    );
}

export function chapterAt(lecture: PlayerLecture, ms: number): string | undefined {
    return lecture.chapters.filter((chapter) => chapter.start_ms <= ms).at(-1)?.title;
}

function useThumbnail(player: Player, lecture: PlayerLecture, atMs: number | null) {
    const [, redraw] = useState(0);
    const [settled, setSettled] = useState(false);
    const shelf = useRef<ThumbnailShelf | null>(null);
    useEffect(() => {
        const made = new ThumbnailShelf(`/media/${lecture.id}/${lecture.version}`, () =>
            redraw((count) => count + 1),
        );
        shelf.current = made;
        return () => made.end();
    }, [lecture.id, lecture.version]);
    const pointing = atMs !== null;
    useEffect(() => {
        const timer = setTimeout(() => setSettled(pointing), pointing ? SETTLE_MS : 0);
        return () => clearTimeout(timer);
    }, [pointing]);
    if (!pointing || !settled || bytesAreDear(player.measuredBitsPerSecond())) return null;
    return shelf.current?.at(atMs) ?? null;
}
