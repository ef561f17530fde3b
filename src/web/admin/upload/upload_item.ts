/* One file on its way to the server by tus (docs/api.md, Uploads), in the words that a page needs. */
import type { Problem } from '../../shared/api';

export type UploadState =
    | 'waiting' /* another file goes first */
    | 'sending'
    | 'paused' /* by the admin */
    | 'retrying' /* the line dropped; goes on by itself */
    | 'done'
    | 'failed';

export interface UploadItem {
    key: number;
    fileName: string;
    size: number;
    sent: number;
    bytesPerSecond: number;
    state: UploadState;
    /** This file was begun before, and went on where it had stopped. */
    resumed: boolean;
    problem: Problem | null;
    lectureId: string | null;
}
