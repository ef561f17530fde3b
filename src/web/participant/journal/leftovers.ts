/* Beats of earlier play sessions that a reload, a crash or a lost line left in the journal. */
import { BeatSender, type Post } from './beat_sender';
import { openJournal, type Journal, type PlaySession } from './journal';
import { withFreeSession } from './session_lock';

export async function sendLeftovers(owner: string, opened?: Journal, post?: Post): Promise<void> {
    const journal = opened ?? (await openJournal());
    for (const session of await journal.sessionsOf(owner))
        await withFreeSession(session.session, () => sendSession(journal, session, post));
}

async function sendSession(journal: Journal, play: PlaySession, post?: Post): Promise<void> {
    await journal.adopt(play.session);
    await new BeatSender(journal, play, {}, { retries: false, ...(post ? { post } : {}) }).send();
    if ((await journal.read(play.session, 1)).length === 0) await journal.forget(play.session);
}
