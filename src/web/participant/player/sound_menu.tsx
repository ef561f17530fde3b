import { languageOwnName } from '../../shared/language';
import { t } from '../../shared/text';
import { ControlMenu } from './control_menu';
import type { Player } from './player';
import type { PlayerState } from './player_state';

/** The speaker's own voice, or an interpreter's. */
export function SoundMenu({ player, state }: { player: Player; state: PlayerState }) {
    const options = state.sounds.map(({ language, original }) => ({
        value: language,
        label: original
            ? t('player.sound_original', { language: languageOwnName(language) })
            : languageOwnName(language),
    }));
    return (
        <ControlMenu
            icon="globe"
            label={t('player.sound')}
            value={state.sound}
            shown={state.sound.toUpperCase()}
            options={options}
            onOpen={() => player.look()}
            onChange={(language) => player.setSound(language)}
        />
    );
}
