import { t } from '../../shared/text';
import { formatPosition } from '../../shared/time';
import type { Span } from '../../shared/types';

const SHOWN = 12;

/** The stretches not yet watched; each leads there. */
export function MissingList({ spans, onGo }: { spans: Span[]; onGo: (ms: number) => void }) {
    return (
        <section id="missing" class="missing" aria-labelledby="missing-title">
            <h2 id="missing-title">
                {spans.length > 0 ? t('player.missing_title') : t('player.nothing_missing')}
            </h2>
            {spans.length > 0 && (
                <ul class="chips">
                    {spans.slice(0, SHOWN).map(([from, to]) => (
                        <li key={from}>
                            <button
                                type="button"
                                class="chip"
                                aria-label={t('player.missing_stretch', stretch(from, to))}
                                onClick={() => onGo(from)}>
                                {t('shared.stretch', stretch(from, to))}
                            </button>
                        </li>
                    ))}
                    {spans.length > SHOWN && (
                        <li class="soft">{t('player.missing_more', { count: spans.length - SHOWN })}</li>
                    )}
                </ul>
            )}
        </section>
    );
}

function stretch(from: number, to: number) {
    return { from: formatPosition(from), to: formatPosition(to) };
}
