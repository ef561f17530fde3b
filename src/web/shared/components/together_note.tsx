import { currentLanguage, t } from '../text';
import { formatDay } from '../time';
import type { SeenTogether } from '../types';
import { readerZone } from '../zones';

/** Where a lecture was seen with others before one screen, and what an organizer said of it. */
export function TogetherNote({ groups }: { groups: readonly SeenTogether[] }) {
    if (groups.length === 0) return null;
    return (
        <ul class="together-note">
            {groups.map((group) => (
                <li key={group.id} data-together={group.state}>
                    {togetherWords(group)} {group.reason && <span dir="auto">{group.reason}</span>}
                </li>
            ))}
        </ul>
    );
}

function togetherWords(group: SeenTogether): string {
    const values = {
        day: formatDay(group.at_ms, currentLanguage(), readerZone()),
        others: group.people - 1,
    };
    if (group.state === 'waiting') return t('shared.together_waiting', values);
    if (group.state === 'refused') return t('shared.together_refused', values);
    return group.by === null
        ? t('shared.together_confirmed', values)
        : t('shared.together_confirmed_by', { ...values, name: group.by });
}
