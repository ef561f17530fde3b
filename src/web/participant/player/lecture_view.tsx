import { useRef, useState } from 'preact/hooks';
import { missingSpans } from '../../shared/spans';
import { t } from '../../shared/text';
import { CompletionBanner } from './completion_banner';
import { CoverageSummary } from './coverage_summary';
import { Controls } from './controls';
import type { PlayerLecture } from './lecture_source';
import { MissingList } from './missing_list';
import { ShortcutHelp } from './shortcut_help';
import { Stage } from './stage';
import { useFullScreen } from './use_full_screen';
import { usePlayer } from './use_player';
import { useShortcuts } from './use_shortcuts';

/** One lecture: the picture, its controls, and what is still missing. */
export function LectureView({ lecture }: { lecture: PlayerLecture }) {
    const frame = useRef<HTMLDivElement>(null);
    const video = useRef<HTMLVideoElement>(null);
    const [captionLines, setCaptionLines] = useState<DocumentFragment[]>([]);
    const { player, state } = usePlayer(video, lecture, setCaptionLines);
    const fullScreen = useFullScreen(frame, video);
    useShortcuts(player, fullScreen.toggle);
    return (
        <>
            <h1 class="lecture-heading">{lecture.title}</h1>
            {lecture.provider && <p class="soft lecture-provider">{lecture.provider}</p>}
            {lecture.owner === null && <p class="notice">{t('player.preview')}</p>}
            <div id="player" ref={frame} class={`player${fullScreen.on ? ' player-full' : ''}${fullScreen.idle && state?.phase === 'playing' ? ' player-idle' : ''}`}>
                <Stage video={video} player={player} state={state} lecture={lecture} captionLines={captionLines} />
                {player && state && <Controls player={player} state={state} lecture={lecture} fullScreen={fullScreen} />}
            </div>
            {player && state?.justCompleted && <CompletionBanner lecture={lecture} onClose={() => player.dismissPraise()} />}
            <div class="player-notes">
                {state && lecture.owner !== null && <CoverageSummary lecture={lecture} state={state} />}
                {player && state && lecture.owner !== null && state.credited.length > 0 && (
                    <MissingList spans={missingSpans(state.credited, lecture.durationMs)} onGo={(ms) => {
                        player.seek(ms);
                        void player.play();
                        frame.current?.scrollIntoView({ block: 'nearest' });
                    }} />
                )}
                {lecture.description && <p class="lecture-about">{lecture.description}</p>}
                <ShortcutHelp />
            </div>
        </>
    );
}
