/* What is shown is in the address (?cohort=…), so that reload, the back button and a copied address work. */
import { useCallback, useEffect, useState } from 'preact/hooks';

export function useAddress(): [URLSearchParams, (change: Record<string, string | null>) => void] {
    const [search, setSearch] = useState(location.search);
    useEffect(() => {
        const follow = () => setSearch(location.search);
        addEventListener('popstate', follow);
        return () => removeEventListener('popstate', follow);
    }, []);
    const go = useCallback((change: Record<string, string | null>) => {
        const next = new URLSearchParams(location.search);
        for (const [key, value] of Object.entries(change)) {
            if (value === null) next.delete(key);
            else next.set(key, value);
        }
        const query = next.toString();
        history.pushState(null, '', query === '' ? location.pathname : `?${query}`);
        setSearch(location.search);
        scrollTo(0, 0);
    }, []);
    return [new URLSearchParams(search), go];
}
