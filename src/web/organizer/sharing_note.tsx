import type { Sharing } from '../shared/staff_types';
import { t } from '../shared/text';

/** What may mean that a link is shared, in plain words; nothing is held back for it. */
export function SharingNote({ sharing }: { sharing: Sharing }) {
    if (sharing.signs.length === 0) return null;
    const words: Record<Sharing['signs'][number], () => string> = {
        'networks-at-once': () => t('organizer.sharing_networks', { count: sharing.networks_at_once }),
        'device-kinds-at-once': () => t('organizer.sharing_kinds', { count: sharing.device_kinds_at_once }),
        takeovers: () => t('organizer.sharing_takeovers', { count: sharing.takeovers_an_hour }),
    };
    return (
        <div class="sharing" id="sharing">
            <ul>
                {sharing.signs.map((sign) => (
                    <li key={sign} data-sign={sign}>
                        {words[sign]()}
                    </li>
                ))}
            </ul>
            <p>{t('organizer.sharing_text')}</p>
        </div>
    );
}
