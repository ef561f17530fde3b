import { missingWords } from '../missing';
import { t } from '../text';
import type { MissingPiece } from '../types';

const SHOWN = 12;

interface Properties {
    pieces: readonly MissingPiece[];
    /** Where a stretch can be watched: each leads there. */
    onGo?: (ms: number) => void;
}

/** What is missing of a lecture and why, for the participant and the organizer alike. */
export function MissingStretches({ pieces, onGo }: Properties) {
    return (
        <ul class="chips missing-stretches">
            {pieces.slice(0, SHOWN).map((piece) => (
                <li key={piece.from_ms} data-reason={piece.reason}>
                    {onGo ? (
                        <button
                            type="button"
                            class="chip"
                            aria-label={t('shared.missing_label', { stretch: missingWords(piece) })}
                            onClick={() => onGo(piece.from_ms)}>
                            {missingWords(piece)}
                        </button>
                    ) : (
                        <span class="chip">{missingWords(piece)}</span>
                    )}
                </li>
            ))}
            {pieces.length > SHOWN && (
                <li class="soft">{t('shared.missing_more', { count: pieces.length - SHOWN })}</li>
            )}
        </ul>
    );
}
