import { useEffect, useState } from 'preact/hooks';
import { bytesAreDear, loadPicture } from './comfort';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import type { PlayerState } from './player_state';

/** What the lecture looks like, until its first picture is there. Loaded behind all that playing needs, and given up at the press. */
export function Poster({ player, state, lecture }: { player: Player; state: PlayerState; lecture: PlayerLecture }) {
    const [picture, setPicture] = useState<string | null>(null);
    const idle = state.phase === 'idle';
    useEffect(() => {
        if (!idle || picture !== null) return undefined;
        const ending = new AbortController();
        void player.prepared.then(async () => {
            if (ending.signal.aborted || bytesAreDear(null)) return;
            const address = `/media/${lecture.id}/${lecture.version}/poster.jpg`;
            setPicture(await loadPicture(address, ending.signal));
        });
        return () => ending.abort();
    }, [idle, lecture.id, lecture.version]);
    useEffect(() => () => void (picture && URL.revokeObjectURL(picture)), [picture]);
    return picture === null || state.shown ? null : <img class="poster" src={picture} alt="" />;
}
