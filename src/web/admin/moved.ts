/** The list with the entry at `index` moved by `step` places. Pure. */
export function moved<Entry>(list: readonly Entry[], index: number, step: number): Entry[] {
    const result = [...list];
    const [entry] = result.splice(index, 1);
    if (entry !== undefined) result.splice(Math.min(Math.max(index + step, 0), result.length), 0, entry);
    return result;
}
