import { t } from '../text';

/** Shown while the first answer is on its way; quiet lines where the content will be. */
export function Waiting() {
    return (
        <div class="waiting" role="status">
            <span class="visually-hidden">{t('shared.loading')}</span>
            <span class="waiting-line" />
            <span class="waiting-line" />
            <span class="waiting-line" />
        </div>
    );
}
