import type { RefObject } from 'preact';
import { Icon } from '../../shared/components/icon';
import { t } from '../../shared/text';
import { formatPosition } from '../../shared/time';
import { CaptionLayer } from './caption_layer';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import type { PlayerState } from './player_state';
import { Poster } from './poster';
import { StageMessage } from './stage_message';

interface Properties {
    video: RefObject<HTMLVideoElement | null>;
    player: Player | null;
    state: PlayerState | null;
    lecture: PlayerLecture;
    captionLines: DocumentFragment[];
    onBegin: () => void;
}

/** The picture, and what lies over it: a way to begin, captions, and words when something is in the way. */
export function Stage({ video, player, state, lecture, captionLines, onBegin }: Properties) {
    const message = state !== null && (state.problem !== null || state.taken);
    return (
        <div class={`stage stage-${state?.phase ?? 'idle'}`}>
            <video
                ref={video}
                playsInline
                preload="none"
                aria-label={lecture.title}
                onClick={() => player?.toggle()}
            />
            {state && player && <Poster player={player} state={state} lecture={lecture} />}
            {state?.soundOnly && (
                <p class="sound-only" aria-hidden="true" dir="auto" lang={lecture.textLanguage}>
                    {lecture.title}
                </p>
            )}
            <CaptionLayer lines={captionLines} />
            {state && player && !message && state.phase === 'idle' && (
                <BeginButton state={state} lecture={lecture} onBegin={onBegin} />
            )}
            {state && !message && state.waiting && <span class="spinner" aria-hidden="true" />}
            {state && player && <StageMessage player={player} state={state} />}
        </div>
    );
}

interface BeginProperties {
    state: PlayerState;
    lecture: PlayerLecture;
    onBegin: () => void;
}

function BeginButton({ state, lecture, onBegin }: BeginProperties) {
    const words =
        state.positionMs > 0
            ? t('player.continue_at', { at: formatPosition(state.positionMs) })
            : lecture.completedAtMs !== null
              ? t('player.watch_again')
              : t('player.begin');
    return (
        <button type="button" class="begin" onClick={onBegin}>
            <span class="begin-disc">
                <Icon name="play" />
            </span>
            <span class="begin-words">{words}</span>
            <span class="begin-length" aria-hidden="true">
                {formatPosition(lecture.durationMs)}
            </span>
        </button>
    );
}
