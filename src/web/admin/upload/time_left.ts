import { t } from '../../shared/text';

/** Coarse on purpose: a figure that jumps every second is no help. */
export function timeLeftWords(seconds: number): string {
    if (seconds < 60) return t('upload.left_seconds', { count: Math.max(5, Math.ceil(seconds / 5) * 5) });
    if (seconds < 3600) return t('upload.left_minutes', { count: Math.ceil(seconds / 60) });
    return t('upload.left_hours', {
        hours: Math.floor(seconds / 3600),
        minutes: Math.ceil((seconds % 3600) / 60),
    });
}
