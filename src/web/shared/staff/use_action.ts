import { useCallback, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';

/** One thing that a button does at the server: busy while it runs, the problem if it fails. */
export function useAction(): {
    busy: boolean;
    problem: Problem | null;
    run: (work: () => Promise<unknown>) => Promise<boolean>;
} {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const run = useCallback(async (work: () => Promise<unknown>) => {
        setBusy(true);
        setProblem(null);
        try {
            await work();
            return true;
        } catch (fault) {
            setProblem(asProblem(fault));
            return false;
        } finally {
            setBusy(false);
        }
    }, []);
    return { busy, problem, run };
}
