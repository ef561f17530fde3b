import { currentLanguage, t } from '../../shared/text';
import { formatBytes, formatPosition } from '../../shared/time';
import type { PlayerLecture } from './lecture_source';

interface Properties {
    lecture: PlayerLecture;
    onGo: (ms: number) => void;
}

/** Where its parts begin, each leads there; and the files that go with the lecture. */
export function LectureExtras({ lecture, onGo }: Properties) {
    return (
        <>
            {lecture.chapters.length > 0 && (
                <section class="extras" aria-labelledby="chapters-title">
                    <h2 id="chapters-title">{t('player.chapters')}</h2>
                    <ol class="chapter-list">
                        {lecture.chapters.map((chapter) => (
                            <li key={chapter.start_ms}>
                                <button type="button" class="chapter" onClick={() => onGo(chapter.start_ms)}>
                                    <span class="figures soft">{formatPosition(chapter.start_ms)}</span>
                                    <span dir="auto">{chapter.title}</span>
                                </button>
                            </li>
                        ))}
                    </ol>
                </section>
            )}
            {lecture.handouts.length > 0 && (
                <section class="extras" aria-labelledby="handouts-title">
                    <h2 id="handouts-title">{t('player.handouts')}</h2>
                    <ul class="handout-list">
                        {lecture.handouts.map((handout) => (
                            <li key={handout.id}>
                                <a href={`/media/${lecture.id}/${lecture.version}/handouts/${handout.id}`} download>
                                    <bdi>{handout.name}</bdi>
                                </a>{' '}
                                <span class="figures soft">{formatBytes(handout.size_bytes, currentLanguage())}</span>
                            </li>
                        ))}
                    </ul>
                </section>
            )}
        </>
    );
}
