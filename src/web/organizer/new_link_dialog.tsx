import { useState } from 'preact/hooks';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Icon } from '../shared/components/icon';
import { t } from '../shared/text';

/** The link is shown this once: the server keeps only its digest. */
export function NewLinkDialog({ link, name, onClose }: { link: string; name: string; onClose: () => void }) {
    const [copied, setCopied] = useState(false);
    const copy = async () => {
        await navigator.clipboard.writeText(link);
        setCopied(true);
    };
    return (
        <Dialog title={t('organizer.new_link_title', { name })} onClose={onClose}>
            <p>{t('organizer.new_link_text')}</p>
            <input
                class="input link-value"
                readOnly
                value={link}
                aria-label={t('organizer.personal_link')}
                onFocus={(event) => event.currentTarget.select()}
            />
            <div class="row row-end">
                <span role="status" class="soft">
                    {copied ? t('organizer.copied') : ''}
                </span>
                <Button kind="primary" onClick={() => void copy()}>
                    <Icon name="copy" />
                    {t('organizer.copy')}
                </Button>
            </div>
        </Dialog>
    );
}
