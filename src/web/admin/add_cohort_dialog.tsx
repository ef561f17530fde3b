import { useId } from 'preact/hooks';
import { request } from '../shared/api';
import { TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { useAction } from '../shared/staff/use_action';
import { t } from '../shared/text';
import { allZones, readerZone } from '../shared/zones';

interface Properties {
    program: string;
    onClose: () => void;
    onAdded: () => void;
}

export function AddCohortDialog({ program, onClose, onAdded }: Properties) {
    const adding = useAction();
    const zones = useId();
    const submit = async (form: FormData) => {
        const text = (name: string) => String(form.get(name)).trim();
        const body = {
            name: text('name'),
            time_zone: text('time_zone'),
            first_day: text('first_day'),
            last_day: text('last_day'),
            threshold_percent: Number(text('threshold_percent')),
        };
        if (await adding.run(() => request('POST', `/programs/${program}/cohorts`, { body }))) {
            onAdded();
            onClose();
        }
    };
    return (
        <FormDialog
            title={t('admin.new_cohort')}
            action={t('admin.add')}
            sending={adding}
            two
            onSubmit={(form) => void submit(form)}
            onClose={onClose}>
            <TextField label={t('admin.cohort_name')} name="name" required />
            <TextField
                label={t('admin.time_zone')}
                name="time_zone"
                value={readerZone()}
                required
                list={zones}
                hint={t('admin.time_zone_hint')}
            />
            <datalist id={zones}>
                {allZones().map((zone) => (
                    <option key={zone} value={zone} />
                ))}
            </datalist>
            <TextField label={t('admin.first_day')} name="first_day" type="date" required />
            <TextField label={t('admin.last_day')} name="last_day" type="date" required />
            <TextField
                label={t('admin.threshold')}
                name="threshold_percent"
                type="number"
                value="90"
                min={1}
                max={100}
                required
                hint={t('admin.threshold_hint')}
            />
        </FormDialog>
    );
}
