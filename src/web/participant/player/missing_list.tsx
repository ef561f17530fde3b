import { MissingStretches } from '../../shared/components/missing_stretches';
import { t } from '../../shared/text';
import type { MissingPiece } from '../../shared/types';

/** The stretches not yet watched, and why; each leads there. */
export function MissingList({ pieces, onGo }: { pieces: MissingPiece[]; onGo: (ms: number) => void }) {
    return (
        <section id="missing" class="missing" aria-labelledby="missing-title">
            <h2 id="missing-title">
                {pieces.length > 0 ? t('player.missing_title') : t('player.nothing_missing')}
            </h2>
            {pieces.length > 0 && <MissingStretches pieces={pieces} onGo={onGo} />}
        </section>
    );
}
