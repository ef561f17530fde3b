import { languageChoice, languageOfRecord, languageOwnName, languages, setLanguageChoice } from '../language';
import { currentLanguage, followLanguage, t } from '../text';
import { Icon } from './icon';

/** Offers the pages' languages, and the participant's own where it has titles but no pages. */
export function LanguageSwitch({ onChange }: { onChange?: (() => void) | undefined }) {
    const record = languageOfRecord();
    const options: string[] = [...languages];
    if (record && !options.includes(record.split('-')[0] ?? record)) options.unshift(record);
    const value = languageChoice() ?? (record && options.includes(record) ? record : currentLanguage());
    const choose = async (language: string) => {
        setLanguageChoice(language);
        await followLanguage();
        onChange?.();
    };
    return (
        <label class="language-switch">
            <Icon name="globe" />
            <span class="visually-hidden">{t('shared.language')}</span>
            <select value={value} onChange={(event) => void choose(event.currentTarget.value)}>
                {options.map((language) => (
                    <option key={language} value={language} lang={language}>
                        {languageOwnName(language)}
                    </option>
                ))}
            </select>
        </label>
    );
}
