import { PageFrame } from '../../shared/components/page_frame';
import { Icon } from '../../shared/components/icon';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { Waiting } from '../../shared/components/waiting';
import { useLoaded, useTitle } from '../../shared/hooks';
import { t } from '../../shared/text';
import { lectureIdOfPage, loadLecture } from './lecture_source';
import { LectureView } from './lecture_view';

export function PlayerPage() {
    const id = lectureIdOfPage();
    const lecture = useLoaded(id, () => loadLecture(id));
    useTitle(lecture.value?.title ?? t('shared.name'));
    const preview = lecture.value !== null && lecture.value.owner === null;
    return (
        <PageFrame wide>
            <a class="back-link" href={preview ? '/admin' : '/'}>
                <Icon name="previous" />
                {preview ? t('player.back_to_work') : t('player.back_to_program')}
            </a>
            {lecture.value && <LectureView lecture={lecture.value} />}
            {lecture.problem && !lecture.value && (
                <ProblemNotice problem={lecture.problem} retry={() => void lecture.reload()} />
            )}
            {lecture.loading && !lecture.value && <Waiting />}
        </PageFrame>
    );
}
