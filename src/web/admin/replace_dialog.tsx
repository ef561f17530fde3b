import { useState } from 'preact/hooks';
import { Field, FileField, SelectField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { shiftedTimeline } from './new_version';
import type { Uploads } from './upload/use_uploads';

type Relation = 'same' | 'shifted' | 'none';

interface Properties {
    lecture: Lecture;
    uploads: Uploads;
    onClose: () => void;
}

/** Another file in a lecture's place, and what of the one before it shows. */
export function ReplaceDialog({ lecture, uploads, onClose }: Properties) {
    const [relation, setRelation] = useState<Relation>('same');
    const length = lecture.duration_ms ?? 0;
    const submit = (form: FormData) => {
        const timeline = relation === 'shifted' ? shiftedTimeline(laterMs(form), length) : relation;
        uploads.add([form.get('file') as File], { becomes: 'version', lecture: lecture.id, timeline });
        onClose();
    };
    return (
        <FormDialog
            title={t('admin.replace')}
            action={t('admin.send')}
            onSubmit={submit}
            onClose={onClose}>
            <p>{t('admin.replace_text')}</p>
            <FileField label={t('admin.replace_file')} accept="video/*,audio/*,.mkv" />
            <fieldset class="choices">
                <legend class="field-label">{t('admin.replace_relation')}</legend>
                <Choice value="same" chosen={relation} onChoose={setRelation} />
                <Choice value="shifted" chosen={relation} onChoose={setRelation} />
                {relation === 'shifted' && <ShiftFields lengthMs={length} />}
                <Choice value="none" chosen={relation} onChoose={setRelation} />
            </fieldset>
        </FormDialog>
    );
}

interface ChoiceProperties {
    value: Relation;
    chosen: Relation;
    onChoose: (value: Relation) => void;
}

function Choice({ value, chosen, onChoose }: ChoiceProperties) {
    return (
        <label class="choice">
            <input
                type="radio"
                name="relation"
                value={value}
                checked={value === chosen}
                onChange={() => onChoose(value)}
            />
            <span>
                <span class="choice-name">{t(relationNames[value])}</span>
                <span class="field-hint">{t(relationHints[value])}</span>
            </span>
        </label>
    );
}

const relationNames = {
    same: 'admin.replace_same',
    shifted: 'admin.replace_shifted',
    none: 'admin.replace_none',
} as const;
const relationHints = {
    same: 'admin.replace_same_hint',
    shifted: 'admin.replace_shifted_hint',
    none: 'admin.replace_none_hint',
} as const;

function ShiftFields({ lengthMs }: { lengthMs: number }) {
    return (
        <div class="form form-two choice-fields">
            <SelectField
                label={t('admin.replace_direction')}
                name="direction"
                value="later"
                options={[
                    { value: 'later', label: t('admin.replace_later') },
                    { value: 'earlier', label: t('admin.replace_earlier') },
                ]}
            />
            <Field label={t('admin.replace_seconds')}>
                {(attributes) => (
                    <input
                        class="input"
                        type="number"
                        name="seconds"
                        min="0.1"
                        max={String(Math.max(1, Math.floor(lengthMs / 1000) - 1))}
                        step="0.1"
                        inputMode="decimal"
                        required
                        {...attributes}
                    />
                )}
            </Field>
        </div>
    );
}

function laterMs(form: FormData): number {
    const ms = Math.round(Number(form.get('seconds')) * 1000);
    return form.get('direction') === 'earlier' ? -ms : ms;
}
