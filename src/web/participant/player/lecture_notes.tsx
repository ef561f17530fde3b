import { DecisionNote } from '../../shared/components/decision_note';
import { TogetherNote } from '../../shared/components/together_note';
import { piecesNow } from '../../shared/missing';
import { missingSpans } from '../../shared/spans';
import { t } from '../../shared/text';
import { HostPanel } from '../group/host_panel';
import { CompletionBanner } from './completion_banner';
import { CoverageSummary } from './coverage_summary';
import type { PlayerLecture } from './lecture_source';
import { LectureExtras } from './lecture_extras';
import { MissingList } from './missing_list';
import type { PlayerState } from './player_state';
import { ShortcutHelp } from './shortcut_help';

interface Properties {
    lecture: PlayerLecture;
    state: PlayerState;
    onGo: (ms: number) => void;
    onPraised: () => void;
}

/** Beside the picture: how much counts, what is missing, what the lecture is about. Staff who preview have no record. */
export function LectureNotes({ lecture, state, onGo, onPraised }: Properties) {
    return (
        <aside class="lecture-notes" aria-label={t('player.notes')}>
            {state.justCompleted && <CompletionBanner lecture={lecture} onClose={onPraised} />}
            {lecture.owner !== null && <CoverageSummary lecture={lecture} state={state} />}
            {lecture.owner !== null && state.unkept && (
                <p class="notice" role="status" data-message="unkept">
                    {t('player.unkept')}
                </p>
            )}
            {lecture.decision && <DecisionNote decision={lecture.decision} />}
            <TogetherNote groups={lecture.groups} />
            {lecture.owner !== null && (
                <MissingList
                    pieces={piecesNow(
                        lecture.missingReasons,
                        missingSpans(state.credited, lecture.durationMs),
                    )}
                    onGo={onGo}
                />
            )}
            {lecture.owner !== null && <HostPanel />}
            <LectureExtras lecture={lecture} onGo={onGo} />
            {lecture.description && (
                <p class="lecture-about" dir="auto" lang={lecture.textLanguage}>
                    {lecture.description}
                </p>
            )}
            <ShortcutHelp />
        </aside>
    );
}
