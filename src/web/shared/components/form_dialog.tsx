import type { ComponentChildren } from 'preact';
import type { Problem } from '../api';
import { t } from '../text';
import { Button } from './button';
import { Dialog } from './dialog';
import { ProblemNotice } from './problem_notice';

interface Properties {
    title: string;
    /** The word on the button that sends it. */
    action: string;
    /** Of useAction(): busy while it is sent, the problem if that failed. */
    sending?: { busy: boolean; problem: Problem | null };
    disabled?: boolean;
    /** Short fields stand side by side where there is room. */
    two?: boolean;
    onSubmit: (form: FormData) => void;
    /** Each time that a field was left with another value. */
    onChange?: (form: FormData) => void;
    onClose: () => void;
    children: ComponentChildren;
}

/** Fields in a dialog; what went wrong stands above its two buttons. */
export function FormDialog(properties: Properties) {
    const { title, action, sending, disabled, two, onSubmit, onChange, onClose, children } = properties;
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget as HTMLFormElement));
    };
    return (
        <Dialog title={title} onClose={onClose}>
            <form
                class={`form${two ? ' form-two' : ''}`}
                onChange={(event) => onChange?.(new FormData(event.currentTarget))}
                onSubmit={submit}>
                {children}
                {sending?.problem && <ProblemNotice problem={sending.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button
                        kind="primary"
                        type="submit"
                        busy={sending?.busy ?? false}
                        disabled={disabled ?? false}>
                        {action}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
