import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { toast } from '../shared/components/toast';
import { useAction } from '../shared/staff/use_action';
import type { Lecture } from '../shared/staff_types';
import { t } from '../shared/text';
import { formatPosition } from '../shared/time';
import type { Span } from '../shared/types';
import { readTrim, writePosition } from './new_version';

interface Properties {
    lecture: Lecture;
    onClose: () => void;
    onTrimmed: () => Promise<void>;
}

/** Cuts the ends of a lecture off: the two times of what stays. */
export function TrimDialog({ lecture, onClose, onTrimmed }: Properties) {
    const length = lecture.duration_ms ?? 0;
    const [from, setFrom] = useState(writePosition(0));
    const [to, setTo] = useState(writePosition(length));
    const trimming = useAction();
    const kept = readTrim(from, to, length);
    const isAll = typeof kept !== 'string' && kept[0] === 0 && kept[1] === length;
    const submit = async () => {
        if (typeof kept === 'string' || isAll) return;
        const body = { from_ms: kept[0], to_ms: kept[1] };
        if (!(await trimming.run(() => request('POST', `/lectures/${lecture.id}/trim`, { body })))) return;
        toast(t('admin.version_ordered', { title: lecture.title }));
        await onTrimmed();
        onClose();
    };
    if (lecture.original_bytes === null)
        return (
            <Dialog title={t('admin.trim')} onClose={onClose}>
                <p>{t('admin.trim_no_original')}</p>
                <div class="row row-end">
                    <Button onClick={onClose}>{t('shared.close')}</Button>
                </div>
            </Dialog>
        );
    return (
        <FormDialog
            title={t('admin.trim')}
            action={t('admin.trim')}
            sending={trimming}
            disabled={typeof kept === 'string' || isAll}
            onSubmit={() => void submit()}
            onClose={onClose}>
            <p>{t('admin.trim_text')}</p>
            <div class="form form-two">
                <TextField
                    label={t('admin.trim_from')}
                    name="from"
                    value={from}
                    problem={kept === 'from' ? t('admin.trim_wrong', { to: writePosition(length) }) : undefined}
                    onInput={setFrom}
                />
                <TextField
                    label={t('admin.trim_to')}
                    name="to"
                    value={to}
                    problem={kept === 'to' ? t('admin.trim_wrong', { to: writePosition(length) }) : undefined}
                    onInput={setTo}
                />
            </div>
            <p class="trim-summary" role="status">
                {typeof kept !== 'string' && summary(kept, length)}
            </p>
        </FormDialog>
    );
}

/** What goes, and how much stays. */
function summary([from, to]: Span, length: number): string {
    const values = {
        beginning: formatPosition(from),
        end: formatPosition(to),
        length: formatPosition(length),
        kept: writePosition(to - from),
    };
    if (from === 0 && to === length) return t('admin.trim_all', values);
    if (from === 0) return t('admin.trim_end', values);
    return t(to === length ? 'admin.trim_beginning' : 'admin.trim_both', values);
}
