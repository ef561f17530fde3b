/* Small hooks that several pages need. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from './api';
import { onLanguageChange } from './text';

export interface Loaded<Value> {
    value: Value | null;
    problem: Problem | null;
    loading: boolean;
    reload: () => Promise<void>;
}

/** Loads once, and again when `key` changes or reload() is called; an older answer never replaces a newer one. */
export function useLoaded<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
    const [state, setState] = useState<{
        key: string;
        value: Value | null;
        problem: Problem | null;
        loading: boolean;
    }>({ key, value: null, problem: null, loading: true });
    const turn = useRef(0);
    const loader = useRef(load);
    loader.current = load;
    const reload = useCallback(async () => {
        const mine = ++turn.current;
        setState((before) => ({ ...before, loading: true }));
        try {
            const value = await loader.current();
            if (mine === turn.current) setState({ key, value, problem: null, loading: false });
        } catch (fault) {
            if (mine === turn.current)
                setState((before) => ({ ...before, problem: asProblem(fault), loading: false }));
        }
    }, [key]);
    useEffect(() => void reload(), [reload]);
    const stale = state.key !== key;
    return {
        value: stale ? null : state.value,
        problem: stale ? null : state.problem,
        loading: stale || state.loading,
        reload,
    };
}

/** Calls `tick` every intervalMs while `active` and the page is visible. */
export function usePolling(active: boolean, intervalMs: number, tick: () => void): void {
    const latest = useRef(tick);
    latest.current = tick;
    useEffect(() => {
        if (!active) return undefined;
        const timer = setInterval(() => {
            if (!document.hidden) latest.current();
        }, intervalMs);
        return () => clearInterval(timer);
    }, [active, intervalMs]);
}

/** Draws the component again when the reader switches the language. */
export function useLanguageChanges(): void {
    const [, setCount] = useState(0);
    useEffect(() => onLanguageChange(() => setCount((count) => count + 1)), []);
}

export function useTitle(title: string): void {
    useEffect(() => {
        document.title = title;
    }, [title]);
}
