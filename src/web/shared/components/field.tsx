import type { ComponentChildren, RefObject } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProperties {
    label: string;
    hint?: string | undefined;
    problem?: string | undefined;
    children: (attributes: {
        id: string;
        'aria-describedby': string | undefined;
        'aria-invalid': 'true' | undefined;
    }) => ComponentChildren;
}

/** A label, its control, and what is said about it; the control gets the ids that tie them together. */
export function Field({ label, hint, problem, children }: FieldProperties) {
    const id = useId();
    const said = problem ?? hint;
    return (
        <div class="field">
            <label class="field-label" for={id}>
                {label}
            </label>
            {children({
                id,
                'aria-describedby': said ? `${id}-said` : undefined,
                'aria-invalid': problem ? 'true' : undefined,
            })}
            {said && (
                <p
                    id={`${id}-said`}
                    class={problem ? 'field-problem' : 'field-hint'}
                    role={problem ? 'alert' : undefined}>
                    {said}
                </p>
            )}
        </div>
    );
}

interface TextFieldProperties {
    label: string;
    name: string;
    value?: string;
    type?: 'text' | 'email' | 'password' | 'date' | 'number' | 'search';
    hint?: string | undefined;
    problem?: string | undefined;
    required?: boolean;
    autocomplete?: string;
    inputmode?: 'numeric';
    list?: string;
    min?: number;
    max?: number;
    inputRef?: RefObject<HTMLInputElement | null>;
    onInput?: (value: string) => void;
}

export function TextField(properties: TextFieldProperties) {
    const { label, hint, problem, onInput, value, inputRef, type = 'text', ...rest } = properties;
    return (
        <Field label={label} hint={hint} problem={problem}>
            {(attributes) => (
                <input
                    class="input"
                    {...(inputRef ? { ref: inputRef } : {})}
                    {...rest}
                    {...attributes}
                    {...inputType(type)}
                    {...valueOf(value, onInput !== undefined)}
                    onInput={(event) => onInput?.(event.currentTarget.value)}
                />
            )}
        </Field>
    );
}

/** A field that nobody listens to keeps what is typed into it; `value` is only what it begins with. */
function valueOf(value: string | undefined, heard: boolean) {
    return heard ? { value: value ?? '' } : { defaultValue: value ?? '' };
}

/** preact's types tell input elements apart by a literal type. */
function inputType(type: NonNullable<TextFieldProperties['type']>) {
    return { type: type as 'text' };
}

interface FileFieldProperties {
    label: string;
    hint?: string;
    accept: string;
}

/** One file, named "file" in the form. */
export function FileField({ label, hint, accept }: FileFieldProperties) {
    return (
        <Field label={label} hint={hint}>
            {(attributes) => (
                <input class="input" type="file" name="file" accept={accept} required {...attributes} />
            )}
        </Field>
    );
}

interface SelectFieldProperties {
    label: string;
    name: string;
    value: string;
    options: { value: string; label: string }[];
    hint?: string;
    onChange?: (value: string) => void;
}

export function SelectField({ label, name, value, options, hint, onChange }: SelectFieldProperties) {
    return (
        <Field label={label} hint={hint}>
            {(attributes) => (
                <select
                    class="input select"
                    name={name}
                    {...attributes}
                    {...(onChange ? { value } : {})}
                    onChange={(event) => onChange?.(event.currentTarget.value)}>
                    {options.map((option) => (
                        <option
                            key={option.value}
                            value={option.value}
                            {...(onChange ? {} : { selected: option.value === value })}>
                            {option.label}
                        </option>
                    ))}
                </select>
            )}
        </Field>
    );
}
