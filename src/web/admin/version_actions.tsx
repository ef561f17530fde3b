import { useState } from 'preact/hooks';
import { Button } from '../shared/components/button';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { ReplaceDialog } from './replace_dialog';
import { TrimDialog } from './trim_dialog';
import type { Uploads } from './upload/use_uploads';

interface Properties {
    lecture: Lecture;
    uploads: Uploads;
    onChange: () => Promise<void>;
}

/** The two ways to a new version of a lecture that is ready. */
export function VersionActions({ lecture, uploads, onChange }: Properties) {
    const [open, setOpen] = useState<'trim' | 'replace' | null>(null);
    const close = () => setOpen(null);
    return (
        <>
            <Button kind="quiet" onClick={() => setOpen('trim')}>
                {t('admin.trim')}
            </Button>
            <Button kind="quiet" onClick={() => setOpen('replace')}>
                {t('admin.replace')}
            </Button>
            {open === 'trim' && <TrimDialog lecture={lecture} onClose={close} onTrimmed={onChange} />}
            {open === 'replace' && <ReplaceDialog lecture={lecture} uploads={uploads} onClose={close} />}
        </>
    );
}
