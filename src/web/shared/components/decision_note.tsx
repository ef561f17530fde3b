import { currentLanguage, t } from '../text';
import { formatDay } from '../time';
import type { Decision } from '../types';
import { readerZone } from '../zones';

/** What an organizer decided by hand, and why. */
export function DecisionNote({ decision }: { decision: Decision }) {
    const day = formatDay(decision.decided_at_ms, currentLanguage(), readerZone());
    return (
        <p class="decision-note" data-verdict={decision.verdict}>
            <strong>
                {decision.verdict === 'accepted'
                    ? t('shared.accepted_by_hand', { day })
                    : t('shared.refused_by_hand', { day })}
            </strong>{' '}
            <span dir="auto">{decision.reason}</span>
        </p>
    );
}
