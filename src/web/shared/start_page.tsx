/* Every page begins here: texts first, then the page into #app. */
import { render, type ComponentType } from 'preact';
import { ToastRegion } from './components/toast';
import { useLanguageChanges } from './hooks';
import { startTexts, type TextLoaders } from './text';

export async function startPage(loaders: TextLoaders, Page: ComponentType): Promise<void> {
    const root = document.getElementById('app');
    if (!root) return;
    await startTexts(loaders);
    root.textContent = '';
    root.removeAttribute('aria-busy');
    render(<Root page={Page} />, root);
}

function Root({ page: Page }: { page: ComponentType }) {
    useLanguageChanges();
    return (
        <>
            <Page />
            <ToastRegion />
        </>
    );
}
