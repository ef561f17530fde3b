/* Why what is missing is missing, in the same words for everybody who reads of it. */
import { totalMs } from './spans';
import { maybeText, t } from './text';
import { formatPosition } from './time';
import type { MissingPiece, Span } from './types';

/** "12:40 to 15:05, skipped". */
export function missingWords(piece: MissingPiece): string {
    const stretch = { from: formatPosition(piece.from_ms), to: formatPosition(piece.to_ms) };
    return maybeText(`shared.missing_${piece.reason}`, stretch) ?? t('shared.stretch', stretch);
}

/**
 * What is missing by now, with the reasons that were known when the page was loaded: a stretch that was not missing then has
 * not been played since.
 */
export function piecesNow(known: readonly MissingPiece[], missing: readonly Span[]): MissingPiece[] {
    return missing.flatMap(([from, to]) => {
        const inside = known
            .map((piece) => ({
                ...piece,
                from_ms: Math.max(piece.from_ms, from),
                to_ms: Math.min(piece.to_ms, to),
            }))
            .filter((piece) => piece.to_ms > piece.from_ms);
        const told = totalMs(inside.map((piece): Span => [piece.from_ms, piece.to_ms]));
        return told >= to - from ? inside : [{ from_ms: from, to_ms: to, reason: longest(inside) }];
    });
}

function longest(pieces: readonly MissingPiece[]): string {
    const sorted = [...pieces].sort((a, b) => b.to_ms - b.from_ms - (a.to_ms - a.from_ms));
    return sorted[0]?.reason ?? 'skipped';
}
