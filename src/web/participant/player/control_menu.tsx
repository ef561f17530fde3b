import { Icon, type IconName } from '../../shared/components/icon';

interface Properties {
    icon: IconName;
    label: string;
    value: string;
    /** Shown beside the icon. */
    shown: string;
    options: { value: string; label: string }[];
    /** It is about to be opened, by a pointer or a key. */
    onOpen?: () => void;
    onChange: (value: string) => void;
}

/** The system's own menu under a small face: big enough for a thumb on phones, and known to every screen reader. */
export function ControlMenu({ icon, label, value, shown, options, onOpen, onChange }: Properties) {
    return (
        <label class="control control-menu" title={label}>
            <Icon name={icon} />
            <span class="control-text" aria-hidden="true">
                {shown}
            </span>
            <span class="visually-hidden">{label}</span>
            <select
                value={value}
                onFocus={onOpen}
                onPointerDown={onOpen}
                onChange={(event) => onChange(event.currentTarget.value)}>
                {options.map((option) => (
                    <option key={option.value} value={option.value}>
                        {option.label}
                    </option>
                ))}
            </select>
        </label>
    );
}
