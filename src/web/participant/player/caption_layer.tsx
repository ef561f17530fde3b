import { useEffect, useRef } from 'preact/hooks';

/** The caption lines that are due now. The browser's cue parser made the fragments; no markup of ours is parsed. */
export function CaptionLayer({ lines }: { lines: DocumentFragment[] }) {
    const layer = useRef<HTMLDivElement>(null);
    useEffect(() => {
        layer.current?.replaceChildren(
            ...lines.map((line) => {
                const paragraph = document.createElement('p');
                paragraph.dir = 'auto';
                paragraph.append(line);
                return paragraph;
            }),
        );
    }, [lines]);
    return <div ref={layer} class="caption-layer" aria-hidden="true" />;
}
