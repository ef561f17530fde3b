import { languageOwnName } from '../../shared/language';
import { t } from '../../shared/text';
import { ControlMenu } from './control_menu';
import type { Player } from './player';
import type { PlayerState } from './player_state';

export function CaptionMenu({ player, state }: { player: Player; state: PlayerState }) {
    const options = [
        { value: '', label: t('player.captions_off') },
        ...state.offeredCaptions.map((language) => ({ value: language, label: languageOwnName(language) })),
    ];
    return (
        <ControlMenu
            icon="captions"
            label={t('player.captions')}
            value={state.captions}
            shown={state.captions.toUpperCase()}
            options={options}
            onOpen={() => player.look()}
            onChange={(language) => player.setCaptions(language)}
        />
    );
}
