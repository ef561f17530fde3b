/* Permission to play: the playback lease and the media cookie come together. */
import { request } from '../../shared/api';
import type { PlayAnswer } from '../../shared/types';

/** Takes the lease for this device; any other device of this person pauses. */
export function takeLease(lecture: string): Promise<PlayAnswer> {
    return request<PlayAnswer>('POST', `/lectures/${lecture}/play`, { body: {} });
}

/** Goes on with a play session; a Problem "lease-taken" when another device plays now. */
export function renewLease(lecture: string, session: string): Promise<PlayAnswer> {
    return request<PlayAnswer>('POST', `/lectures/${lecture}/play`, { body: { renew: session } });
}
