import { Field } from '../shared/components/field';
import { t } from '../shared/text';

/** When a sound begins against its lecture, in seconds; read with offsetOf(). */
export function OffsetField({ value }: { value: number }) {
    return (
        <Field label={t('admin.sound_offset')} hint={t('admin.sound_offset_hint')}>
            {(attributes) => (
                <input
                    class="input"
                    type="number"
                    name="offset"
                    step="0.001"
                    inputMode="decimal"
                    required
                    defaultValue={String(value / 1000)}
                    {...attributes}
                />
            )}
        </Field>
    );
}

/** Milliseconds. */
export function offsetOf(form: FormData): number {
    return Math.round(Number(form.get('offset')) * 1000);
}
