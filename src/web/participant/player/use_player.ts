import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { languageWishes } from '../../shared/language';
import type { PlayerLecture } from './lecture_source';
import { Player } from './player';
import type { PlayerState } from './player_state';
import { firstCaptions, loadPreferences } from './preferences';

/** One player for the lifetime of the page; draws again when its state changes. */
export function usePlayer(
    video: RefObject<HTMLVideoElement | null>,
    lecture: PlayerLecture,
    showCaptions: (lines: DocumentFragment[]) => void,
) {
    const [player, setPlayer] = useState<Player | null>(null);
    const [state, setState] = useState<PlayerState | null>(null);
    useEffect(() => {
        if (!video.current) return undefined;
        const captions = firstCaptions(
            lecture.captions,
            lecture.language,
            languageWishes(),
            loadPreferences().captions,
        );
        const made = new Player(video.current, lecture, captions, showCaptions);
        setPlayer(made);
        setState(made.state);
        const unsubscribe = made.subscribe(() => setState(made.state));
        return () => {
            unsubscribe();
            made.end();
        };
    }, [lecture.id]);
    return { player, state };
}
