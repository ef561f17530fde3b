/* Short words on what was just done, at the foot of the page, read out by screen readers. */
import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 6000;

interface Toast {
    id: number;
    text: string;
}

let show: ((text: string) => void) | null = null;
let count = 0;

export function toast(text: string): void {
    show?.(text);
}

export function ToastRegion() {
    const [toasts, setToasts] = useState<Toast[]>([]);
    useEffect(() => {
        show = (text) => {
            const id = ++count;
            setToasts((before) => [...before, { id, text }]);
            setTimeout(() => setToasts((before) => before.filter((one) => one.id !== id)), SHOWN_MS);
        };
        return () => {
            show = null;
        };
    }, []);
    return (
        <div class="toasts" role="status" aria-live="polite">
            {toasts.map((one) => (
                <p key={one.id} class="toast">
                    {one.text}
                </p>
            ))}
        </div>
    );
}
