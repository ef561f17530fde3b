import { useState } from 'preact/hooks';
import { inLanguage } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { SelectField, TextField } from '../shared/components/field';
import { currentLanguage, t } from '../shared/text';

interface Properties {
    cohort: string;
    onClose: () => void;
}

/** Where the file lies: with names only for a reason, which is recorded. */
export function downloadPath(cohort: string, format: string, basis: string | undefined): string {
    const names = basis === undefined ? '' : `&names=1&basis=${encodeURIComponent(basis)}`;
    /* Statements have their own address, and no titles to choose. */
    if (format === 'xapi') return `/api/v1/cohorts/${cohort}/statements?${names.slice(1)}`;
    return `/api/v1${inLanguage(`/cohorts/${cohort}/report?format=${format}${names}`, currentLanguage())}`;
}

/** The browser fetches it beside the page, which stays where it is. */
function download(path: string) {
    const link = document.createElement('a');
    link.href = path;
    link.download = '';
    link.click();
}

export function DownloadDialog({ cohort, onClose }: Properties) {
    const [format, setFormat] = useState('xlsx');
    const [names, setNames] = useState(false);
    const [basis, setBasis] = useState('');
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        download(downloadPath(cohort, format, names ? basis.trim() : undefined));
        onClose();
    };
    const formats = [
        { value: 'xlsx', label: t('organizer.format_xlsx') },
        { value: 'csv', label: t('organizer.format_csv') },
        { value: 'xapi', label: t('organizer.format_xapi') },
    ];
    return (
        <Dialog title={t('organizer.download')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <SelectField
                    label={t('organizer.format')}
                    name="format"
                    value={format}
                    options={formats}
                    onChange={setFormat}
                />
                {format === 'xapi' && <p class="field-hint">{t('organizer.format_xapi_hint')}</p>}
                <label class="check">
                    <input type="checkbox" checked={names} onChange={() => setNames(!names)} />
                    {t('organizer.with_names')}
                </label>
                {names ? (
                    <TextField
                        label={t('organizer.basis')}
                        name="basis"
                        hint={t('organizer.basis_hint')}
                        value={basis}
                        onInput={setBasis}
                        required
                    />
                ) : (
                    <p class="field-hint">{t('organizer.without_names')}</p>
                )}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="primary" type="submit">
                        {t('organizer.download')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
