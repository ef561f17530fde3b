import { currentLanguage, t } from '../../shared/text';
import { ControlMenu } from './control_menu';
import type { Player } from './player';
import type { PlayerState } from './player_state';
import { ratesUpTo } from './preferences';

export function SpeedMenu({ player, state }: { player: Player; state: PlayerState }) {
    const rates = ratesUpTo(player.lecture.rateCapPercent);
    const format = (rate: number) =>
        t('player.times', { rate: new Intl.NumberFormat(currentLanguage()).format(rate) });
    return (
        <ControlMenu
            icon="speed"
            label={t('player.speed')}
            value={String(state.rate)}
            shown={format(state.rate)}
            options={rates.map((rate) => ({ value: String(rate), label: format(rate) }))}
            onChange={(value) => player.setRate(Number(value))}
        />
    );
}
