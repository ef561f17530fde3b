/** How far a piece of work is: part is 0 to 1. */
export function ProgressBar({ part, label }: { part: number; label: string }) {
    const percent = Math.round(Math.min(1, Math.max(0, part)) * 100);
    return (
        <progress class="progress" max={100} value={percent} aria-label={label}>
            {percent}
        </progress>
    );
}
