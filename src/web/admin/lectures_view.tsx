import { useEffect, useRef, useState } from 'preact/hooks';
import { inLanguage, request } from '../shared/api';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded, usePolling } from '../shared/hooks';
import type { JobNews, Lecture } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { LectureCard } from './lecture_card';
import { UnfinishedUploads } from './upload/unfinished_uploads';
import { UploadArea } from './upload/upload_area';
import { UploadCard } from './upload/upload_card';
import { useUploads } from './upload/use_uploads';
import { useJobEvents, withNews } from './use_job_events';

const POLL_MS = 2000;
/* Several events come at once when a pass ends. */
const GATHER_MS = 200;

export function LecturesView({ onPrograms }: { onPrograms: () => void }) {
    const language = currentLanguage();
    const uploads = useUploads();
    const lectures = useLoaded(
        `lectures ${language}`,
        async () =>
            (await request<{ lectures: Lecture[] }>('GET', inLanguage('/lectures', language))).lectures,
    );
    const [news, setNews] = useState<Record<string, JobNews>>({});
    const reading = useRef<ReturnType<typeof setTimeout> | null>(null);
    const live = useJobEvents({
        job: (told) => setNews((before) => ({ ...before, [told.id]: told })),
        changed: () => {
            reading.current ??= setTimeout(() => {
                reading.current = null;
                void lectures.reload();
            }, GATHER_MS);
        },
    });
    usePolling(!live && (lectures.value?.some(isWorking) ?? false), POLL_MS, () => void lectures.reload());
    const list = useRef<HTMLDivElement>(null);
    const removed = (lecture: Lecture) => {
        uploads.forget(lecture.id);
        /* The button that had the focus goes with its card, and while the dialog is open nothing else can have it. */
        void lectures.reload().then(() => list.current?.focus());
    };
    const finished = uploads.items.filter((item) => item.state === 'done').length;
    useEffect(() => {
        if (finished > 0) void lectures.reload();
    }, [finished]);
    return (
        <>
            <UploadArea onFiles={(files, spoken) => uploads.add(files, { becomes: 'lecture', spoken })} />
            <UnfinishedUploads uploads={uploads.items} />
            <div class="stack" aria-label={t('upload.list')} role="group">
                {uploads.items
                    .filter((item) => item.replaces === null && !isListed(item.lectureId, lectures.value))
                    .map((item) => (
                        <UploadCard key={item.key} item={item} uploads={uploads} />
                    ))}
            </div>
            {lectures.problem && (
                <ProblemNotice problem={lectures.problem} retry={() => void lectures.reload()} />
            )}
            {!lectures.value && !lectures.problem && <Waiting />}
            {lectures.value?.length === 0 && uploads.items.length === 0 && (
                <p class="notice">{t('admin.no_lectures')}</p>
            )}
            <div class="stack" ref={list} tabIndex={-1} role="group" aria-label={t('admin.lectures')}>
                {lectures.value?.map((lecture) => (
                    <LectureCard
                        key={lecture.id}
                        lecture={withJobNews(lecture, news)}
                        sameTitles={titlesOf(lecture.file?.same_as ?? [], lectures.value ?? [])}
                        uploads={uploads}
                        onChange={lectures.reload}
                        onRemoved={() => removed(lecture)}
                        onPrograms={onPrograms}
                    />
                ))}
            </div>
        </>
    );
}

/** Once the list has the lecture, its card goes on where the upload's card ended. */
function isListed(lectureId: string | null, lectures: Lecture[] | null): boolean {
    return lectureId !== null && (lectures?.some((lecture) => lecture.id === lectureId) ?? false);
}

function titlesOf(ids: string[], lectures: Lecture[]): string[] {
    return lectures.filter((lecture) => ids.includes(lecture.id)).map((lecture) => lecture.title);
}

function withJobNews(lecture: Lecture, news: Record<string, JobNews>): Lecture {
    const { job } = lecture;
    return job ? { ...lecture, job: withNews(job, news[job.id]) } : lecture;
}

function isWorking(lecture: Lecture): boolean {
    const state = lecture.job?.state;
    return lecture.state === 'preparing' || state === 'queued' || state === 'running' || state === 'paused';
}
