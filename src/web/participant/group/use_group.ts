/* The group before one screen that this device is the screen of, or this person is in. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { request, type Problem } from '../../shared/api';
import { usePolling } from '../../shared/hooks';
import { useAction } from '../../shared/staff/use_action';
import type { GroupNow } from '../../shared/types';

const LOOK_MS = 10_000;

interface Answer {
    group: GroupNow | null;
}

export interface GroupState {
    group: GroupNow | null;
    busy: boolean;
    problem: Problem | null;
    open: () => void;
    join: (code: string) => void;
    leave: () => void;
}

export function useGroup(): GroupState {
    const [group, setGroup] = useState<GroupNow | null>(null);
    const { busy, problem, run } = useAction();
    const take = useCallback((answer: Answer) => setGroup(answer.group), []);
    /* A line that is down changes nothing that is shown: the next look will tell. */
    const look = useCallback(
        () => void request<Answer>('GET', '/group').then(take, () => undefined),
        [take],
    );
    useEffect(look, [look]);
    usePolling(group !== null, LOOK_MS, look);
    return {
        group,
        busy,
        problem,
        open: () => void run(async () => take(await request<Answer>('POST', '/group', { body: {} }))),
        join: (code) =>
            void run(async () =>
                take(await request<Answer>('POST', '/group/presence', { body: { code } })),
            ),
        leave: () =>
            void run(async () => {
                await request('DELETE', '/group');
                setGroup(null);
            }),
    };
}
