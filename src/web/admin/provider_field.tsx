import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { SelectField, TextField } from '../shared/components/field';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useLoaded } from '../shared/hooks';
import { useAction } from '../shared/staff/use_action';
import type { Provider } from '../shared/staff_types';
import { t } from '../shared/text';

interface Properties {
    /** The id of the provider, "" for none. */
    value: string;
    onChange: (value: string) => void;
    /** Typed, but not yet added: saving adds it. */
    newName: string;
    onNewName: (name: string) => void;
}

/** The organisation that gives the lecture; a new one can be named on the spot. */
export function ProviderField({ value, onChange, newName, onNewName }: Properties) {
    const adding = useAction();
    const providers = useLoaded(
        'providers',
        async () => (await request<{ providers: Provider[] }>('GET', '/providers')).providers,
    );
    const list = providers.value ?? [];
    const add = () =>
        adding.run(async () => {
            const { id } = await request<{ id: string }>('POST', '/providers', { body: { name: newName.trim() } });
            await providers.reload();
            onNewName('');
            onChange(id);
        });
    return (
        <>
            <SelectField
                label={t('admin.provider')}
                name="provider"
                value={value}
                onChange={onChange}
                options={[
                    { value: '', label: t('admin.no_provider') },
                    ...list.map((provider) => ({ value: provider.id, label: provider.name })),
                ]}
            />
            <div class="row row-fill">
                <TextField
                    label={t('admin.new_provider')}
                    name="new_provider"
                    value={newName}
                    onInput={onNewName}
                />
                <Button busy={adding.busy} disabled={newName.trim() === ''} onClick={() => void add()}>
                    {t('admin.add')}
                </Button>
            </div>
            {adding.problem && <ProblemNotice problem={adding.problem} />}
        </>
    );
}
