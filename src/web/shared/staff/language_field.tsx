import { useId } from 'preact/hooks';
import { TextField } from '../components/field';
import { t } from '../text';
import { languageName } from './names';

/* Languages of the programs so far; any other code may be typed. */
export const offeredLanguages = [
    'en',
    'ja',
    'vi',
    'mn',
    'km',
    'ur',
    'id',
    'th',
    'lo',
    'my',
    'bn',
    'hi',
    'ne',
    'si',
    'ta',
    'zh',
    'ko',
    'fr',
    'es',
];

/** A BCP 47 code, with the likely ones on offer. */
export function LanguageField({ label, name, value }: { label: string; name: string; value: string }) {
    const id = useId();
    return (
        <>
            <TextField
                label={label}
                name={name}
                value={value}
                required
                list={id}
                hint={t('staff.language_hint')}
            />
            <datalist id={id}>
                {offeredLanguages.map((code) => (
                    <option key={code} value={code}>
                        {languageName(code)}
                    </option>
                ))}
            </datalist>
        </>
    );
}
