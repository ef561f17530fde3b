import { t, type TextKey } from '../../shared/text';

const shortcuts: [string[], TextKey][] = [
    [['Space', 'K'], 'player.key_play'],
    [['←', '→'], 'player.key_5'],
    [['J', 'L'], 'player.key_10'],
    [['↑', '↓'], 'player.key_volume'],
    [['<', '>'], 'player.key_speed'],
    [['C'], 'player.key_captions'],
    [['M'], 'player.key_mute'],
    [['F'], 'player.key_full'],
];

export function ShortcutHelp() {
    return (
        <details class="shortcuts">
            <summary>{t('player.keys')}</summary>
            <dl>
                {shortcuts.map(([keys, text]) => (
                    <div key={text}>
                        <dt>
                            {keys.map((key) => (
                                <kbd key={key}>{key}</kbd>
                            ))}
                        </dt>
                        <dd>{t(text)}</dd>
                    </div>
                ))}
            </dl>
        </details>
    );
}
