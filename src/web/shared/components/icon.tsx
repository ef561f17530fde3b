/* Line icons on a 24 by 24 grid, drawn for this project; decoration only, so hidden from screen readers. */
const paths = {
    play: 'M8 5.2v13.6L19 12z',
    pause: 'M8.5 5.5v13M15.5 5.5v13',
    back: 'M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4.5v4h4',
    forward: 'M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 4.5v4h-4',
    captions: 'M4 6.5h16v11H4zM10.5 11a1.8 1.8 0 1 0 0 2.2M16.5 11a1.8 1.8 0 1 0 0 2.2',
    speed: 'M5 17a8 8 0 1 1 14 0M12 14.5l3.5-5',
    volume: 'M4.5 10v4h3l4 3.5v-11l-4 3.5zM15 9.5a3.5 3.5 0 0 1 0 5M17.5 7a7 7 0 0 1 0 10',
    muted: 'M4.5 10v4h3l4 3.5v-11l-4 3.5zM15.5 10l4 4M19.5 10l-4 4',
    full: 'M5 9.5V5h4.5M14.5 5H19v4.5M19 14.5V19h-4.5M9.5 19H5v-4.5',
    shrink: 'M9.5 5v4.5H5M19 9.5h-4.5V5M14.5 19v-4.5H19M5 14.5h4.5V19',
    check: 'M5.5 12.5l4.2 4.2L18.5 7.8',
    arrow: 'M5 12h13.5M13 6.5l5.5 5.5-5.5 5.5',
    previous: 'M19 12H5.5M11 6.5L5.5 12l5.5 5.5',
    up: 'M12 19V5.5M6.5 11L12 5.5l5.5 5.5',
    down: 'M12 5v13.5M6.5 13l5.5 5.5 5.5-5.5',
    picture: 'M4 6h16v10.5H4zM8.5 20h7M12 16.5V20',
    globe: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M4 12h16M12 4c-5 5-5 11 0 16M12 4c5 5 5 11 0 16',
    clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.3l3 1.7',
    upload: 'M12 16V5M7 9.5L12 5l5 4.5M5 15.5V19h14v-3.5',
    download: 'M12 5v10.5M7 11l5 4.5 5-4.5M5 19h14',
    copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
    close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
    link: 'M10 14a4 4 0 0 0 5.7 0l2.6-2.6a4 4 0 0 0-5.7-5.7L11.5 6.8M14 10a4 4 0 0 0-5.7 0l-2.6 2.6a4 4 0 0 0 5.7 5.7l1.1-1.1',
    plus: 'M12 5.5v13M5.5 12h13',
    warning: 'M12 5l8 14H4zM12 10.5v4M12 16.6v.4',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
    return (
        <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d={paths[name]} />
        </svg>
    );
}
