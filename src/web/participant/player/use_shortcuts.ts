import { useEffect } from 'preact/hooks';
import type { Player } from './player';
import { ratesUpTo } from './preferences';

const SHORT_MS = 5000;
const LONG_MS = 10_000;

/** Keys that work anywhere on the page but in fields and menus; Space keeps its meaning on buttons, arrows theirs on sliders. */
export function useShortcuts(player: Player | null, toggleFullScreen: () => void): void {
    useEffect(() => {
        if (!player) return undefined;
        const press = (event: KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event)) return;
            if (act(player, event.key, toggleFullScreen)) event.preventDefault();
        };
        document.addEventListener('keydown', press);
        return () => document.removeEventListener('keydown', press);
    }, [player, toggleFullScreen]);
}

function takesKeys(event: KeyboardEvent): boolean {
    const target = event.target as Element;
    if (target.closest('select, textarea, dialog, summary')) return true;
    if (event.key === ' ' || event.key === 'Enter') return target.closest('button, input, a') !== null;
    return (event.key.startsWith('Arrow') || /^\d$/.test(event.key)) && target.closest('input') !== null;
}

function act(player: Player, key: string, toggleFullScreen: () => void): boolean {
    const { positionMs, volume } = player.state;
    switch (key.toLowerCase()) {
        case ' ':
        case 'k':
            player.toggle();
            return true;
        case 'arrowleft':
            player.seek(positionMs - SHORT_MS);
            return true;
        case 'arrowright':
            player.seek(positionMs + SHORT_MS);
            return true;
        case 'j':
            player.seek(positionMs - LONG_MS);
            return true;
        case 'l':
            player.seek(positionMs + LONG_MS);
            return true;
        case 'arrowup':
            player.setVolume(volume + 0.1);
            return true;
        case 'arrowdown':
            player.setVolume(volume - 0.1);
            return true;
        case 'm':
            player.toggleMute();
            return true;
        case 'f':
            toggleFullScreen();
            return true;
        case 'c':
            player.toggleCaptions();
            return true;
        case '<':
            stepRate(player, -1);
            return true;
        case '>':
            stepRate(player, 1);
            return true;
        default:
            return false;
    }
}

function stepRate(player: Player, step: number): void {
    const rates = ratesUpTo(player.lecture.rateCapPercent);
    const next = rates[rates.indexOf(player.state.rate) + step];
    if (next !== undefined) player.setRate(next);
}
