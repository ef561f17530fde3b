import { Dialog } from './dialog';
import { Button } from './button';
import { t } from '../text';

interface Properties {
    title: string;
    text: string;
    action: string;
    busy?: boolean;
    onConfirm: () => void;
    onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({ title, text, action, busy, onConfirm, onClose }: Properties) {
    return (
        <Dialog title={title} onClose={onClose}>
            <p>{text}</p>
            <div class="row row-end">
                <Button kind="quiet" onClick={onClose}>
                    {t('shared.cancel')}
                </Button>
                <Button kind="danger" busy={busy ?? false} onClick={onConfirm}>
                    {action}
                </Button>
            </div>
        </Dialog>
    );
}
