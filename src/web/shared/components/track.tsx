/* Lecture time drawn from start to end, with the stretches that were watched. Lengths are milliseconds. */
import type { Span } from '../types';

const WIDTH = 1000;
/* A stretch of some seconds in an hour's lecture must not vanish on a phone. */
const LEAST_WIDTH = 4;

export interface Layer {
    kind: 'credited' | 'delivered' | 'missing' | 'completed';
    spans: readonly Span[];
}

interface Properties {
    length: number;
    layers: Layer[];
    /** Said by screen readers; without it the track is decoration beside words that say the same. */
    label?: string;
    thick?: boolean;
}

export function Track({ length, layers, label, thick }: Properties) {
    const semantics = label
        ? { role: 'img' as const, 'aria-label': label }
        : { 'aria-hidden': 'true' as const };
    return (
        <svg
            class={`track${thick ? ' track-thick' : ''}`}
            viewBox={`0 0 ${WIDTH} 10`}
            preserveAspectRatio="none"
            {...semantics}>
            {layers.map((layer) =>
                layer.spans.map((span) => (
                    <Stretch key={`${layer.kind}${span[0]}`} span={span} kind={layer.kind} length={length} />
                )),
            )}
        </svg>
    );
}

function Stretch({ span, kind, length }: { span: Span; kind: Layer['kind']; length: number }) {
    const scale = length > 0 ? WIDTH / length : 0;
    const width = Math.max((span[1] - span[0]) * scale, LEAST_WIDTH);
    const start = Math.min(span[0] * scale, WIDTH - width);
    return <rect class={`track-${kind}`} x={start} y="0" width={width} height="10" />;
}
