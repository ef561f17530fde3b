import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../text';
import { Icon } from './icon';

interface Properties {
    title: string;
    onClose: () => void;
    children: ComponentChildren;
}

/**
 * A modal dialog: the focus begins at the first field, or else the first choice, and the browser keeps it inside; Escape closes
 * it, and the focus returns to where it was.
 */
export function Dialog({ title, onClose, children }: Properties) {
    const dialog = useRef<HTMLDialogElement>(null);
    const body = useRef<HTMLDivElement>(null);
    const id = useId();
    useEffect(() => {
        const opener = document.activeElement;
        dialog.current?.showModal();
        body.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
        return () => {
            if (opener instanceof HTMLElement) opener.focus();
        };
    }, []);
    return (
        <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
            <header class="dialog-header">
                <h2 id={id}>{title}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label={t('shared.close')}
                    onClick={() => dialog.current?.close()}>
                    <Icon name="close" />
                </button>
            </header>
            <div ref={body} class="dialog-body">{children}</div>
        </dialog>
    );
}
