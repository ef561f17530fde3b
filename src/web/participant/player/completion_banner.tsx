import { Icon } from '../../shared/components/icon';
import { t } from '../../shared/text';
import type { PlayerLecture } from './lecture_source';

/** A word of praise, and the way on. */
export function CompletionBanner({ lecture, onClose }: { lecture: PlayerLecture; onClose: () => void }) {
    return (
        <div class="completion" role="status">
            <span class="completion-seal" aria-hidden="true">
                <Icon name="check" />
            </span>
            <div class="completion-words">
                <p class="completion-title">{t('player.completed_title')}</p>
                <p>{t('player.completed_text')}</p>
            </div>
            <a class="button button-primary" href={lecture.next ? `/lecture/${lecture.next.id}` : '/'}>
                {lecture.next ? t('player.next_lecture') : t('player.back_to_program')}
                <Icon name="arrow" />
            </a>
            <button type="button" class="icon-button" aria-label={t('shared.close')} onClick={onClose}>
                <Icon name="close" />
            </button>
        </div>
    );
}
