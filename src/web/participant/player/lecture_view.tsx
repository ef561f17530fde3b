import { useRef, useState } from 'preact/hooks';
import { t } from '../../shared/text';
import { Controls } from './controls';
import { LectureNotes } from './lecture_notes';
import type { PlayerLecture } from './lecture_source';
import type { PlayerState } from './player_state';
import { Stage } from './stage';
import { useFullScreen } from './use_full_screen';
import { usePlayer } from './use_player';
import { useShortcuts } from './use_shortcuts';

/** With what was added to it since the page was loaded. */
function asOfNow(lecture: PlayerLecture, state: PlayerState | null): PlayerLecture {
    return state ? { ...lecture, chapters: state.chapters, handouts: state.handouts } : lecture;
}

/** One lecture: the picture and its controls, and beside them what is still missing. */
export function LectureView({ lecture }: { lecture: PlayerLecture }) {
    const frame = useRef<HTMLDivElement>(null);
    const playButton = useRef<HTMLButtonElement>(null);
    const video = useRef<HTMLVideoElement>(null);
    const [captionLines, setCaptionLines] = useState<DocumentFragment[]>([]);
    const { player, state } = usePlayer(video, lecture, setCaptionLines);
    const fullScreen = useFullScreen(frame, video);
    useShortcuts(player, fullScreen.toggle);
    const faded = fullScreen.idle && state?.phase === 'playing';
    /* The big button goes away with the press: the focus moves to the one that pauses. */
    const begin = () => {
        void player?.play();
        playButton.current?.focus();
    };
    const goTo = (ms: number) => {
        player?.seek(ms);
        void player?.play();
        frame.current?.scrollIntoView({ block: 'nearest' });
    };
    return (
        <>
            <h1 class="lecture-heading" dir="auto" lang={lecture.textLanguage}>
                {lecture.title}
            </h1>
            {lecture.provider && <p class="soft">{lecture.provider}</p>}
            {lecture.owner === null && <p class="notice">{t('player.preview')}</p>}
            <div class="lecture-columns">
                <div class="lecture-main">
                    <div
                        id="player"
                        ref={frame}
                        class={`player${fullScreen.on ? ' player-full' : ''}${faded ? ' player-idle' : ''}`}>
                        <Stage
                            video={video}
                            player={player}
                            state={state}
                            lecture={lecture}
                            captionLines={captionLines}
                            onBegin={begin}
                        />
                        {player && state && (
                            <Controls
                                player={player}
                                state={state}
                                lecture={asOfNow(lecture, state)}
                                fullScreen={fullScreen}
                                playButton={playButton}
                            />
                        )}
                    </div>
                </div>
                {player && state && (
                    <LectureNotes
                        lecture={asOfNow(lecture, state)}
                        state={state}
                        onGo={goTo}
                        onPraised={() => player.dismissPraise()}
                    />
                )}
            </div>
        </>
    );
}
