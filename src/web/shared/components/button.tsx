import type { ComponentChildren } from 'preact';

interface Properties {
    kind?: 'primary' | 'plain' | 'quiet' | 'danger';
    small?: boolean;
    type?: 'button' | 'submit';
    busy?: boolean;
    disabled?: boolean;
    label?: string;
    pressed?: boolean;
    onClick?: () => void;
    children: ComponentChildren;
}

export function Button(properties: Properties) {
    const {
        kind = 'plain',
        small,
        type = 'button',
        busy,
        disabled,
        label,
        pressed,
        onClick,
        children,
    } = properties;
    return (
        <button
            type={type}
            class={`button button-${kind}${small ? ' button-small' : ''}`}
            aria-busy={busy ? 'true' : undefined}
            disabled={(disabled ?? false) || (busy ?? false)}
            aria-label={label}
            aria-pressed={pressed}
            onClick={onClick}>
            {children}
        </button>
    );
}
