import type { RefObject } from 'preact';
import { Icon, type IconName } from '../../shared/components/icon';
import { t } from '../../shared/text';
import { formatPosition } from '../../shared/time';
import { CaptionMenu } from './caption_menu';
import type { PlayerLecture } from './lecture_source';
import type { Player } from './player';
import type { PlayerState } from './player_state';
import { QualityMenu } from './quality_menu';
import { SeekBar } from './seek_bar';
import { SoundMenu } from './sound_menu';
import { SpeedMenu } from './speed_menu';
import type { FullScreen } from './use_full_screen';
import { VolumeControl } from './volume_control';

const STEP_MS = 10_000;

interface Properties {
    player: Player;
    state: PlayerState;
    lecture: PlayerLecture;
    fullScreen: FullScreen;
    playButton: RefObject<HTMLButtonElement | null>;
}

/** From left to right in every script, as time and buttons of all players are. */
export function Controls({ player, state, lecture, fullScreen, playButton }: Properties) {
    const playing = state.phase === 'playing' || state.phase === 'opening';
    return (
        <div class="controls" dir="ltr" role="group" aria-label={t('player.controls')}>
            <SeekBar player={player} state={state} lecture={lecture} />
            <div class="control-row">
                <ControlButton
                    icon={playing ? 'pause' : 'play'}
                    label={playing ? t('player.pause') : t('player.play')}
                    strong
                    button={playButton}
                    onClick={() => player.toggle()}
                />
                <ControlButton
                    icon="back"
                    label={t('player.back_10')}
                    text="10"
                    onClick={() => player.seek(state.positionMs - STEP_MS)}
                />
                <ControlButton
                    icon="forward"
                    label={t('player.forward_10')}
                    text="10"
                    onClick={() => player.seek(state.positionMs + STEP_MS)}
                />
                <p class="control-time" aria-hidden="true">
                    {formatPosition(state.positionMs)}{' '}
                    <span class="control-duration">/ {formatPosition(lecture.durationMs)}</span>
                </p>
                <span class="control-space" />
                <VolumeControl player={player} state={state} />
                <SpeedMenu player={player} state={state} />
                {state.qualities.length > 1 && <QualityMenu player={player} state={state} />}
                {state.sounds.length > 1 && <SoundMenu player={player} state={state} />}
                {state.offeredCaptions.length > 0 && <CaptionMenu player={player} state={state} />}
                {fullScreen.possible && (
                    <ControlButton
                        icon={fullScreen.on ? 'shrink' : 'full'}
                        label={fullScreen.on ? t('player.leave_full_screen') : t('player.full_screen')}
                        onClick={fullScreen.toggle}
                    />
                )}
            </div>
        </div>
    );
}

interface ControlButtonProperties {
    icon: IconName;
    label: string;
    text?: string;
    strong?: boolean;
    button?: RefObject<HTMLButtonElement | null>;
    onClick: () => void;
}

function ControlButton({ icon, label, text, strong, button, onClick }: ControlButtonProperties) {
    return (
        <button
            {...(button ? { ref: button } : {})}
            type="button"
            class={`control${strong ? ' control-strong' : ''}`}
            aria-label={label}
            title={label}
            onClick={onClick}>
            <Icon name={icon} />
            {text && (
                <span class="control-text" aria-hidden="true">
                    {text}
                </span>
            )}
        </button>
    );
}
