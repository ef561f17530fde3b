import { t } from '../../shared/text';
import { ControlMenu } from './control_menu';
import type { Player } from './player';
import type { PlayerState } from './player_state';
import type { Quality } from './stream';

/** How much of the line the picture may take: by itself, or as the reader says. */
export function QualityMenu({ player, state }: { player: Player; state: PlayerState }) {
    const chosen = state.qualities.find((quality) => quality.name === state.quality);
    const options = [
        { value: '', label: t('player.quality_automatic') },
        ...[...state.qualities].reverse().map((quality) => ({ value: quality.name, label: label(quality) })),
    ];
    return (
        <ControlMenu
            icon="picture"
            label={t('player.quality')}
            value={state.quality}
            shown={chosen ? shortLabel(chosen) : t('player.quality_short')}
            options={options}
            onOpen={() => player.look()}
            onChange={(name) => player.setQuality(name)}
        />
    );
}

function label(quality: Quality): string {
    return quality.stills ? t('player.quality_stills') : lines(quality);
}

function shortLabel(quality: Quality): string {
    return quality.stills ? t('player.quality_stills_short') : lines(quality);
}

function lines(quality: Quality): string {
    return `${quality.lines}p`;
}
