/* One file on its way to the server by tus (docs/api.md, Uploads), in the words that a page needs. */
import type { Problem } from '../../shared/api';
import type { Finding } from '../../shared/staff_types';

export type UploadState =
    | 'waiting' /* another file goes first */
    | 'sending'
    | 'paused' /* by the admin */
    | 'retrying' /* the line dropped; goes on by itself */
    | 'done'
    | 'failed'
    | 'refused' /* cannot be a lecture: not sent, or not to its end */;

/** What a file becomes: a new lecture in the language that is spoken, or the next version of one (docs/uploads.md). */
export type Purpose =
    | { becomes: 'lecture'; spoken: string }
    | { becomes: 'version'; lecture: string; timeline: string };

export interface UploadItem {
    key: number;
    /** The lecture whose place it takes; null: it becomes a new one. */
    replaces: string | null;
    fileName: string;
    size: number;
    sent: number;
    bytesPerSecond: number;
    state: UploadState;
    problem: Problem | null;
    /** What the server found in the beginning of a file that it refused. */
    finding: Finding | null;
    /** Its name at the server, once it has one. */
    uploadId: string | null;
    lectureId: string | null;
}
