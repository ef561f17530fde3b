import { SelectField, TextField } from '../shared/components/field';
import { t } from '../shared/text';
import type { Filter } from './rows';

export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
    const standings = [
        { value: 'all', label: t('organizer.standing_all') },
        { value: 'none', label: t('organizer.standing_none') },
        { value: 'partial', label: t('organizer.standing_partial') },
        { value: 'completed', label: t('organizer.standing_completed') },
    ];
    return (
        <div class="row filters" role="search">
            <TextField
                label={t('organizer.find')}
                name="find"
                type="search"
                value={filter.words}
                onInput={(words) => onChange({ ...filter, words })}
            />
            <SelectField
                label={t('organizer.standing')}
                name="standing"
                value={filter.standing}
                options={standings}
                onChange={(standing) => onChange({ ...filter, standing: standing as Filter['standing'] })}
            />
        </div>
    );
}
