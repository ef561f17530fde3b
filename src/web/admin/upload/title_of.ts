/** "Labour law (final).mp4" is called "Labour law (final)" until somebody gives it a title. */
export function titleOf(fileName: string): string {
    return (
        fileName
            .replace(/\.[^.]{1,5}$/, '')
            .replace(/[_]+/g, ' ')
            .trim() || fileName
    );
}
