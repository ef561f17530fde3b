import { Icon, type IconName } from '../../shared/components/icon';

interface Properties {
    icon: IconName;
    label: string;
    value: string;
    /** Shown beside the icon. */
    shown: string;
    options: { value: string; label: string }[];
    onChange: (value: string) => void;
}

/** The system's own menu under a small face: big enough for a thumb on phones, and known to every screen reader. */
export function ControlMenu({ icon, label, value, shown, options, onChange }: Properties) {
    return (
        <label class="control control-menu" title={label}>
            <Icon name={icon} />
            <span class="control-text" aria-hidden="true">
                {shown}
            </span>
            <span class="visually-hidden">{label}</span>
            <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
                {options.map((option) => (
                    <option key={option.value} value={option.value}>
                        {option.label}
                    </option>
                ))}
            </select>
        </label>
    );
}
