/* The files on their way: one after the other, as an office line is not made wider by sending two at once. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../../shared/api';
import { FileUpload } from './file_upload';
import type { Purpose, UploadItem } from './upload_item';

export interface Uploads {
    items: UploadItem[];
    add: (files: File[], purpose: Purpose) => void;
    pause: (key: number) => void;
    resume: (key: number) => void;
    cancel: (key: number) => Promise<void>;
    /** Its lecture was removed: the card of the upload must not come back. */
    forget: (lectureId: string) => void;
}

export function useUploads(): Uploads {
    const [items, setItems] = useState<UploadItem[]>([]);
    const running = useRef(new Map<number, FileUpload>());
    const nextKey = useRef(0);
    const change = (key: number, values: Partial<UploadItem>) =>
        setItems((before) => before.map((item) => (item.key === key ? { ...item, ...values } : item)));
    /* Two files of one name and length are two uploads. */
    const isTaken = (id: string) => [...running.current.values()].some((one) => one.uploadId === id);
    useEffect(() => {
        if (items.some((item) => item.state === 'sending' || item.state === 'retrying')) return;
        const next = items.find((item) => item.state === 'waiting');
        if (next) {
            change(next.key, { state: 'sending' });
            void running.current.get(next.key)?.start();
        }
    }, [items]);
    useWarningBeforeLeaving(
        items.some(
            (item) => item.state === 'sending' || item.state === 'waiting' || item.state === 'retrying',
        ),
    );
    return {
        items,
        add: (files, purpose) => {
            const added = files.map((file) => {
                const key = nextKey.current++;
                if (file.size === 0) return refusedItem(key, file, purpose);
                const upload = new FileUpload(file, purpose, isTaken, (values) => change(key, values));
                running.current.set(key, upload);
                return newItem(key, file, purpose);
            });
            setItems((before) => [...before, ...added]);
        },
        pause: (key) => running.current.get(key)?.pause(),
        resume: (key) => change(key, { state: 'waiting' }),
        cancel: async (key) => {
            await running.current
                .get(key)
                ?.cancel()
                .catch(() => undefined);
            running.current.delete(key);
            setItems((before) => before.filter((item) => item.key !== key));
        },
        forget: (lectureId) =>
            setItems((before) => before.filter((item) => item.lectureId !== lectureId)),
    };
}

function newItem(key: number, file: File, purpose: Purpose): UploadItem {
    return {
        key,
        replaces: purpose.becomes === 'version' ? purpose.lecture : null,
        fileName: file.name,
        size: file.size,
        sent: 0,
        bytesPerSecond: 0,
        state: 'waiting',
        problem: null,
        finding: null,
        uploadId: null,
        lectureId: null,
    };
}

/** An empty file: there is nothing to send, and no server is needed to say so. */
function refusedItem(key: number, file: File, purpose: Purpose): UploadItem {
    return { ...newItem(key, file, purpose), state: 'refused', problem: new Problem('file-empty', 0) };
}

function useWarningBeforeLeaving(active: boolean): void {
    useEffect(() => {
        if (!active) return undefined;
        const warn = (event: BeforeUnloadEvent) => event.preventDefault();
        addEventListener('beforeunload', warn);
        return () => removeEventListener('beforeunload', warn);
    }, [active]);
}
