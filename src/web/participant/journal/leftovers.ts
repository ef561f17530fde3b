/* Beats of earlier play sessions that a reload, a crash or a lost line left in the journal. */
import { BeatSender } from './beat_sender';
import { openJournal, type Journal } from './journal';
import { withFreeSession } from './session_lock';

export async function sendLeftovers(owner: string, opened?: Journal): Promise<void> {
    const journal = opened ?? (await openJournal());
    for (const session of await journal.sessionsOf(owner))
        await withFreeSession(session, () => sendSession(journal, session));
}

async function sendSession(journal: Journal, session: string): Promise<void> {
    await new BeatSender(journal, session, {}, { retries: false }).send();
    if ((await journal.read(session, 1)).length === 0) await journal.forget(session);
}
