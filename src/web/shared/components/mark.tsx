/** The sign of the house: an open book on a lectern. */
export function Mark({ large }: { large?: boolean }) {
    return (
        <svg
            class={large ? 'mark mark-large' : 'mark'}
            viewBox="0 0 32 32"
            aria-hidden="true"
            focusable="false">
            <path
                class="mark-book"
                d="M3.5 8.5C8 6 12.500 6.500 16 9.500C19.500 6.500 24 6 28.500 8.500V18C24 15.800 19.500 16.300 16 19C12.500 16.300 8 15.800 3.500 18Z"
            />
            <path class="mark-stand" d="M16 19.500V27M10.500 27.500H21.500" />
        </svg>
    );
}
