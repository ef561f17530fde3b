import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';

/** Where the lecture stands, in one word. */
export function StateBadge({ lecture }: { lecture: Lecture }) {
    const [kind, words] = face(lecture);
    return <span class={`badge badge-${kind}`}>{words}</span>;
}

function face(lecture: Lecture): [string, string] {
    switch (lecture.state) {
        case 'preparing':
            return ['working', t('admin.state_preparing')];
        case 'refused':
            return ['bad', t('admin.state_refused')];
        case 'failed':
            return ['bad', t('admin.state_failed')];
        case 'ready':
            return lecture.published
                ? ['good', t('admin.state_published')]
                : ['ready', t('admin.state_ready')];
    }
}
