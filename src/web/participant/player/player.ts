/* The player without its looks: stream, lease, viewing log and captions around one video element. */
import { asProblem, Problem } from '../../shared/api';
import type { BeatsAnswer, PlayAnswer } from '../../shared/types';
import { languageWishes } from '../../shared/language';
import { openJournal, type Journal } from '../journal/journal';
import { sendLeftovers } from '../journal/leftovers';
import { Captions } from './captions';
import { bytesAreDear } from './comfort';
import { Growth } from './growth';
import { watchLine } from './line_watch';
import { renewLease, takeLease } from './lease';
import { loadLecture, type PlayerLecture } from './lecture_source';
import type { PlayerState } from './player_state';
import { captionsAgain, firstQuality, firstSound, loadPreferences, savePreferences } from './preferences';
import { playedOn, watchedFromStart } from './reach';
import { savePlace } from './resume';
import { loadStreamMaker, type Quality, type Sound, type Stream, type StreamMaker } from './stream';
import { mirrorVideo } from './video_mirror';
import { WatchLog } from './watch_log';

/* After a pause of this length the media permission may have lapsed, or another device have begun. */
const LONG_PAUSE_MS = 2 * 60_000;
/* Whether there is more to hear and see by now; a menu asks when it is opened. */
const LOOK_MS = 60_000;

export class Player {
    state: PlayerState;
    private readonly listeners = new Set<() => void>();
    /** The engine is here: what is only for comfort may use the line. */
    readonly prepared: Promise<unknown>;
    private readonly maker: Promise<StreamMaker | null>;
    private readonly journal: Promise<Journal>;
    private readonly captions: Captions;
    private stream: Stream | null = null;
    private log: WatchLog | null = null;
    private permission: PlayAnswer | null = null;
    private readonly ending = new AbortController();
    private pausedAt = 0;
    private readonly growth = new Growth(() => this.takeStock());
    /* More is on offer than the stream knows: it is made anew where that interrupts nothing. */
    private outgrown = false;
    private awaitData = () => {};
    /* Played on this page without a seek in between: the server's answer is some seconds behind. */
    private furthestMs = 0;
    /* Since data last came: a second refusal after renewing is final. */
    private renewedOnce = false;

    constructor(
        readonly video: HTMLVideoElement,
        readonly lecture: PlayerLecture,
        firstCaptions: string,
        showCaptions: (lines: DocumentFragment[]) => void,
    ) {
        const liked = loadPreferences();
        const rate = Math.min(liked.rate, lecture.rateCapPercent / 100);
        this.state = {
            phase: 'idle',
            waiting: false,
            lost: false,
            taken: false,
            unkept: false,
            problem: null,
            positionMs: lecture.seeksFreely
                ? lecture.startMs
                : Math.min(lecture.startMs, watchedFromStart(lecture.credited)),
            bufferedToMs: 0,
            shown: false,
            soundOnly: false,
            rate,
            volume: liked.volume,
            muted: liked.muted,
            captions: firstCaptions,
            offeredCaptions: lecture.captions,
            chapters: lecture.chapters,
            handouts: lecture.handouts,
            sounds: [],
            sound: lecture.language,
            qualities: [],
            quality: '',
            credited: lecture.credited,
            coverage: lecture.coverage,
            completedAtMs: lecture.completedAtMs,
            justCompleted: false,
        };
        video.volume = liked.volume;
        video.muted = liked.muted;
        video.defaultPlaybackRate = video.playbackRate = rate;
        this.captions = new Captions(video, showCaptions, () => this.renew());
        mirrorVideo(video, lecture, (change) => this.videoChanged(change));
        this.watchSurroundings();
        /* Loaded while the reader looks at the page, so that the press on play finds them there. */
        this.maker = loadStreamMaker();
        this.prepared = this.maker.catch(() => null);
        this.journal = openJournal(() => this.change({ unkept: true }));
        if (lecture.owner) void this.journal.then((journal) => sendLeftovers(lecture.owner ?? '', journal));
    }

    subscribe(listener: () => void): () => void {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    async play(): Promise<void> {
        if (!this.stream || this.state.taken || this.state.problem) return this.open();
        /* On a weak line, what is in store is worth more than a sharper picture. */
        if (this.outgrown && !bytesAreDear(this.measuredBitsPerSecond())) return this.open();
        if (performance.now() - this.pausedAt > LONG_PAUSE_MS) void this.renew();
        await this.video.play().catch(() => undefined);
    }

    pause(): void {
        this.video.pause();
    }

    toggle(): void {
        if (this.state.phase === 'playing' || this.state.phase === 'opening') this.pause();
        else void this.play();
    }

    seek(positionMs: number): void {
        const at = Math.min(Math.max(positionMs, 0), this.reachMs());
        if (this.outgrown && !isBuffered(this.video, at)) this.renewStream();
        else if (this.stream && this.video.readyState > 0) this.video.currentTime = at / 1000;
        this.change({
            positionMs: at,
            ...(this.state.phase === 'ended' ? { phase: 'paused' as const } : {}),
        });
    }

    /** How far one may go: to the end, or where seeking is not free, to the end of what was watched so far. */
    private reachMs(): number {
        if (this.lecture.seeksFreely) return this.lecture.durationMs;
        return Math.max(watchedFromStart(this.state.credited), this.furthestMs);
    }

    setRate(rate: number): void {
        const capped = Math.min(rate, this.lecture.rateCapPercent / 100);
        this.video.defaultPlaybackRate = this.video.playbackRate = capped;
        savePreferences({ rate: capped });
    }

    setVolume(volume: number): void {
        this.video.volume = Math.min(Math.max(volume, 0), 1);
        this.video.muted = this.video.volume === 0;
        savePreferences({ volume: this.video.volume, muted: this.video.muted });
    }

    toggleMute(): void {
        this.video.muted = !this.video.muted;
        savePreferences({ muted: this.video.muted });
    }

    setSound(language: string): void {
        savePreferences({ sound: language });
        this.change({ sound: language });
        if (this.outgrown) this.renewStream();
        else this.stream?.setSound(language);
    }

    /** '' for what suits the line. */
    setQuality(name: string): void {
        savePreferences({ quality: this.state.qualities.find((quality) => quality.name === name) ?? null });
        this.change({ quality: name });
        if (this.outgrown) this.renewStream();
        else this.stream?.setQuality(name);
    }

    setCaptions(language: string): void {
        savePreferences(language === '' ? { captions: '' } : { captions: language, lastCaptions: language });
        this.change({ captions: language });
        if (this.permission) this.captions.choose(this.mediaFolder(), language);
    }

    /** Off; or on again, in the language that one had. */
    toggleCaptions(): void {
        const { captions, offeredCaptions } = this.state;
        this.setCaptions(
            captions === ''
                ? captionsAgain(offeredCaptions, languageWishes(), loadPreferences().lastCaptions)
                : '',
        );
    }

    /** Of the line; null before anything was loaded. */
    measuredBitsPerSecond(): number | null {
        return this.stream?.bitsPerSecond() ?? null;
    }

    /** Asks whether there is more to hear, see and read by now. sought: by somebody who opens a menu. */
    look(sought = true): void {
        if (this.permission) void this.growth.look(this.permission.hls, sought);
    }

    dismissPraise(): void {
        this.change({ justCompleted: false });
    }

    end(): void {
        this.ending.abort();
        this.rememberPlace();
        this.log?.end();
        this.stream?.end();
    }

    /** Takes the lease and begins, or goes on where the playhead stands. */
    private async open(): Promise<void> {
        this.change({ phase: 'opening', waiting: true, taken: false, problem: null });
        this.awaitData();
        this.log?.end();
        this.log = null;
        if (this.outgrown) {
            this.outgrown = false;
            this.stream?.end();
            this.stream = null;
        }
        try {
            const maker = await this.maker;
            if (!maker) throw new Problem('no-playback', 0);
            const fresh = this.stream === null;
            this.stream ??= maker(this.video, this.streamEvents());
            /* Asked for before the server answers: browsers allow sound only soon after the press. */
            void this.video.play().catch((fault: unknown) => this.playRefused(fault));
            await this.begin(await takeLease(this.lecture.id), fresh);
        } catch (fault) {
            this.fail(asProblem(fault));
        }
    }

    private async begin(permission: PlayAnswer, fresh: boolean): Promise<void> {
        this.permission = permission;
        /* On a shared device the cookie may have changed hands since the page was loaded. */
        if (this.lecture.owner && permission.participant !== this.lecture.owner)
            throw new Problem('other-person', 0);
        /* Length, chapters and what is missing are of the version that the page came with. */
        if (versionOf(permission) !== this.lecture.version) throw new Problem('lecture-renewed', 0);
        const session = permission.play_session;
        if (session && this.lecture.owner) {
            const context = {
                play: { session, owner: this.lecture.owner, grant: permission.grant ?? '' },
                durationMs: this.lecture.durationMs,
                describe: () => ({
                    rendition: this.stream?.rendition() ?? '',
                    language: this.state.sound,
                }),
            };
            this.log = new WatchLog(this.video, await this.journal, context, {
                answered: (answer) => this.answered(session, answer),
                stopped: (problem) => this.fail(problem),
            });
        }
        if (fresh) this.stream?.load(permission.hls, this.state.positionMs);
        else this.stream?.resume();
        if (this.state.captions !== '') this.captions.choose(this.mediaFolder(), this.state.captions);
    }

    /** A newer stream in place of what plays; of what is paused when it goes on. */
    private renewStream(): void {
        if (this.state.phase === 'playing') void this.open();
    }

    private async takeStock(): Promise<boolean> {
        const [offer, now] = await Promise.all([
            this.stream?.look() ?? null,
            loadLecture(this.lecture.id).catch(() => null),
        ]);
        if (now?.version === this.lecture.version)
            this.change({ offeredCaptions: now.captions, chapters: now.chapters, handouts: now.handouts });
        const { sounds, qualities } = this.state;
        if (offer && JSON.stringify(offer) !== JSON.stringify({ sounds, qualities })) {
            this.outgrown = true;
            this.change(offer);
        }
        return now !== null;
    }

    private watchSurroundings(): void {
        const { signal } = this.ending;
        const timer = setInterval(() => this.state.phase === 'playing' && this.look(false), LOOK_MS);
        signal.addEventListener('abort', () => clearInterval(timer));
        const events = {
            lost: () => this.change({ lost: true }),
            back: () => {
                if (this.state.lost && !this.state.problem && !this.state.taken) this.stream?.resume();
            },
        };
        this.awaitData = watchLine(this.video, window, events, signal);
        /* A reload goes on where one was; phones may end a hidden page without another word. */
        addEventListener('pagehide', () => this.rememberPlace(), { signal });
        document.addEventListener('visibilitychange', () => this.rememberPlace(), { signal });
    }

    private streamEvents() {
        return {
            refused: () => void this.refused(),
            lost: () => this.change({ lost: true }),
            found: () => {
                this.renewedOnce = false;
                /* While one waits, the words stay until it plays: a slow line brings piece after piece. */
                if (this.state.lost && !this.state.waiting) this.change({ lost: false });
            },
            sounds: (sounds: Sound[]) => this.soundsKnown(sounds),
            qualities: (qualities: Quality[]) => {
                const quality = firstQuality(qualities, loadPreferences().quality);
                this.change({ qualities, quality });
                return quality;
            },
            broken: () => void this.broken(),
            session: () => this.permission?.play_session ?? '',
        };
    }

    /** The files of a version go some time after a newer one took its place. */
    private async broken(): Promise<void> {
        const now = await loadLecture(this.lecture.id).catch(() => null);
        const renewed = now !== null && now.version !== this.lecture.version;
        this.fail(new Problem(renewed ? 'lecture-renewed' : 'playback-broken', 0));
    }

    private soundsKnown(sounds: Sound[]): string {
        const sound = firstSound(sounds, languageWishes(), loadPreferences().sound);
        this.change({ sounds, sound: sound === '' ? this.lecture.language : sound });
        return sound;
    }

    private async refused(): Promise<void> {
        if (this.renewedOnce) {
            this.fail(new Problem('media-token-expired', 401));
            return;
        }
        this.renewedOnce = true;
        await this.renew();
        if (!this.state.problem && !this.state.taken) this.stream?.resume();
    }

    private async renew(): Promise<void> {
        const session = this.permission?.play_session;
        try {
            this.permission = session
                ? await renewLease(this.lecture.id, session)
                : await takeLease(this.lecture.id);
        } catch (fault) {
            const problem = asProblem(fault);
            if (problem.code === 'lease-taken') this.leaseTaken();
            else if (problem.code === 'play-session-unknown') await this.open();
            else if (problem.status === 401 || problem.status === 403) this.fail(problem);
        }
    }

    private answered(session: string, answer: BeatsAnswer): void {
        const before = this.state.completedAtMs;
        this.change({
            credited: answer.credited,
            coverage: answer.coverage,
            completedAtMs: answer.completed_at_ms ?? before,
            justCompleted: this.state.justCompleted || (before === null && answer.completed_at_ms !== null),
        });
        /* Last beats of a play session that this page itself has left behind say nothing about the present one. */
        if (!answer.lease.held && session === this.permission?.play_session) this.leaseTaken();
    }

    private leaseTaken(): void {
        this.video.pause();
        this.change({ taken: true, waiting: false });
    }

    private fail(problem: Problem): void {
        this.video.pause();
        /* A stream that never loaded, or broke, is made anew by the next press on play. */
        const unusable = problem.code === 'playback-broken' || problem.code === 'lecture-renewed';
        if (this.permission === null || unusable) {
            this.stream?.end();
            this.stream = null;
        }
        this.change({ problem, waiting: false, lost: false, phase: this.stream ? 'paused' : 'idle' });
    }

    private playRefused(fault: unknown): void {
        if (fault instanceof DOMException && fault.name === 'NotAllowedError')
            this.change({ phase: 'paused', waiting: false });
    }

    private videoChanged(change: Partial<PlayerState>): void {
        if (change.phase === 'paused' || change.phase === 'ended') {
            this.pausedAt = performance.now();
            this.rememberPlace();
        }
        if (change.rate !== undefined && change.rate > this.lecture.rateCapPercent / 100) {
            this.setRate(1);
            return;
        }
        /* Before anything is loaded the element stands at 0, the reader's place does not. */
        if (change.positionMs !== undefined && this.video.readyState === 0) delete change.positionMs;
        this.furthestMs = playedOn(this.furthestMs, this.state, change);
        this.change(change);
    }

    private rememberPlace(): void {
        if (this.lecture.owner && this.video.readyState > 0)
            savePlace(this.lecture.owner, this.lecture.id, {
                version: this.lecture.version,
                position_ms: Math.round(this.video.currentTime * 1000),
                at_ms: Date.now() - this.lecture.clockAheadMs,
            });
    }

    private mediaFolder(): string {
        return (this.permission?.hls ?? '').replace(/\/[^/]*$/, '');
    }

    private change(change: Partial<PlayerState>): void {
        this.state = { ...this.state, ...change };
        for (const listener of this.listeners) listener();
    }
}

function isBuffered({ buffered }: HTMLVideoElement, ms: number): boolean {
    for (let index = 0; index < buffered.length; index++)
        if (buffered.start(index) * 1000 <= ms && ms < buffered.end(index) * 1000) return true;
    return false;
}

/** /media/{lecture}/{version}/master.m3u8 */
function versionOf({ hls }: PlayAnswer): number {
    return Number(hls.split('/').at(-2));
}
