import { Icon } from '../../shared/components/icon';
import { t } from '../../shared/text';
import type { Player } from './player';
import type { PlayerState } from './player_state';

/** The slider shows where a mouse is; phones have their own keys for it. */
export function VolumeControl({ player, state }: { player: Player; state: PlayerState }) {
    const silent = state.muted || state.volume === 0;
    const label = silent ? t('player.unmute') : t('player.mute');
    return (
        <div class="volume">
            <button
                type="button"
                class="control"
                aria-label={label}
                title={label}
                onClick={() => player.toggleMute()}>
                <Icon name={silent ? 'muted' : 'volume'} />
            </button>
            <input
                class="volume-slider"
                type="range"
                min={0}
                max={1}
                step={0.05}
                value={silent ? 0 : state.volume}
                aria-label={t('player.volume')}
                onInput={(event) => player.setVolume(Number(event.currentTarget.value))}
            />
        </div>
    );
}
