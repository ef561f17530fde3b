import { Icon } from '../../shared/components/icon';
import { Track } from '../../shared/components/track';
import { DecisionNote } from '../../shared/components/decision_note';
import { TogetherNote } from '../../shared/components/together_note';
import { missingWords } from '../../shared/missing';
import { complementSpans } from '../../shared/spans';
import { currentLanguage, t } from '../../shared/text';
import { formatDay, formatPercent, formatPosition, spokenPosition } from '../../shared/time';
import { readerZone } from '../../shared/zones';
import type { CompletionRule, ProgramLecture } from '../../shared/types';
import { languageOwnName } from '../../shared/language';

interface Properties {
    lecture: ProgramLecture;
    number: number;
    next: boolean;
    rule: CompletionRule;
}

export function LectureCard({ lecture, number, next, rule }: Properties) {
    const state = lectureState(lecture);
    return (
        <li class={`thread-stop${next ? ' thread-next' : ''}`} data-lecture={lecture.id} data-state={state}>
            <span class="thread-node" aria-hidden="true">
                {state === 'completed' ? <Icon name="check" /> : number}
            </span>
            <article class="card lecture-card">
                <h3 class="lecture-title" dir="auto" lang={lecture.text_language}>
                    {lecture.title}
                </h3>
                <Facts lecture={lecture} />
                {lecture.description && (
                    <p class="lecture-description" dir="auto" lang={lecture.text_language}>
                        {lecture.description}
                    </p>
                )}
                {state !== 'none' && (
                    <Track length={lecture.duration_ms} layers={[watchedLayer(lecture, state)]} />
                )}
                <TogetherNote groups={lecture.groups} />
                <div class="lecture-foot">
                    <Standing lecture={lecture} state={state} rule={rule} />
                    <OpenLink lecture={lecture} state={state} next={next} />
                </div>
            </article>
        </li>
    );
}

type State = 'completed' | 'partial' | 'none';

function lectureState(lecture: ProgramLecture): State {
    if (lecture.completed_at_ms !== null) return 'completed';
    return lecture.credited_ms > 0 ? 'partial' : 'none';
}

function watchedLayer(lecture: ProgramLecture, state: State) {
    const kind = state === 'completed' ? ('completed' as const) : ('credited' as const);
    return { kind, spans: complementSpans(lecture.missing, lecture.duration_ms) };
}

function Facts({ lecture }: { lecture: ProgramLecture }) {
    const language = currentLanguage();
    return (
        <p class="facts">
            {lecture.provider && <span>{lecture.provider}</span>}
            <span>
                <span aria-hidden="true">{formatPosition(lecture.duration_ms)}</span>
                <span class="visually-hidden">{spokenPosition(lecture.duration_ms, language)}</span>
            </span>
            {lecture.captions.length > 0 && (
                <span>
                    {t('program.captions', { languages: lecture.captions.map(languageOwnName).join(', ') })}
                </span>
            )}
            {!lecture.required && <span>{t('program.optional')}</span>}
        </p>
    );
}

function Standing({ lecture, state, rule }: { lecture: ProgramLecture; state: State; rule: CompletionRule }) {
    const language = currentLanguage();
    if (lecture.decision)
        return (
            <div class="standing">
                <DecisionNote decision={lecture.decision} />
            </div>
        );
    if (lecture.completed_at_ms !== null)
        return (
            <p class="standing standing-done">
                {t('program.completed_on', {
                    day: formatDay(lecture.completed_at_ms, language, readerZone()),
                })}
            </p>
        );
    if (state === 'none') return <p class="standing">{t('program.not_begun')}</p>;
    return (
        <p class="standing">
            <strong>
                {t('program.watched', {
                    percent: formatPercent(lecture.coverage, language),
                    needed: formatPercent(rule.threshold_percent / 100, language),
                })}
            </strong>
            <span class="standing-missing">{missingLine(lecture)}</span>
        </p>
    );
}

const NAMED_STRETCHES = 2;

function missingLine(lecture: ProgramLecture): string {
    const named = lecture.missing_reasons.slice(0, NAMED_STRETCHES).map(missingWords);
    const more = lecture.missing_reasons.length - named.length;
    const list = named.join(t('shared.list_semicolon'));
    return more > 0
        ? t('program.missing_more', { stretches: list, count: more })
        : t('program.missing', { stretches: list });
}

function OpenLink({ lecture, state, next }: { lecture: ProgramLecture; state: State; next: boolean }) {
    const begun =
        state === 'partial' && lecture.position_ms > 0 && lecture.position_ms < lecture.duration_ms - 2000;
    const words =
        state === 'completed'
            ? t('program.watch_again')
            : begun
              ? t('program.continue_at', { at: formatPosition(lecture.position_ms) })
              : t('program.watch');
    return (
        <a
            class={`button ${next ? 'button-primary' : 'button-plain'} lecture-link`}
            href={`/lecture/${lecture.id}`}
            aria-label={t('program.link_label', { action: words, title: lecture.title })}>
            {words}
            <Icon name="arrow" />
        </a>
    );
}
