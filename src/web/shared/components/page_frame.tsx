import type { ComponentChildren } from 'preact';
import { t } from '../text';
import { LanguageSwitch } from './language_switch';
import { Mark } from './mark';

interface Properties {
    children: ComponentChildren;
    /** Beside the language switch: links between rooms, who one is. */
    tools?: ComponentChildren;
    wide?: boolean;
    home?: string;
    onLanguage?: (() => void) | undefined;
}

/** Header, main part and the way to skip to it. */
export function PageFrame({ children, tools, wide, home = '/', onLanguage }: Properties) {
    return (
        <>
            <a class="skip-link" href="#main">
                {t('shared.skip_to_content')}
            </a>
            <header class={`page-header${wide ? ' wide' : ''}`}>
                <a class="brand" href={home}>
                    <Mark />
                    <span>{t('shared.name')}</span>
                </a>
                <div class="page-tools">
                    {tools}
                    <LanguageSwitch onChange={onLanguage} />
                </div>
            </header>
            <main id="main" class={`page${wide ? ' wide' : ''}`} tabIndex={-1}>
                {children}
            </main>
        </>
    );
}
