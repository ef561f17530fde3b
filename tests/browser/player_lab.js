/*
 * Runs in the page: three houses' players behind one face.  A rung is a rendition's name; what goes wrong is collected in `faults`.
 *     lab.open(engine, address)    resolves when the first picture is there
 *     lab.alternate()              from now on each segment of pictures comes from another rung than the one before
 */
'use strict';

class HlsEngine {
    constructor(video, faults, taken) {
        this.hls = new Hls({ enableWorker: false, maxBufferLength: 6, maxMaxBufferLength: 6, maxBufferSize: 1, capLevelToPlayerSize: false });
        this.hls.on(Hls.Events.ERROR, (_event, data) => {
            /* Its own word for a segment that it left when another rung was chosen. */
            if (data.details !== Hls.ErrorDetails.INTERNAL_ABORTED)
                faults.push(`${data.type} ${data.details} ${data.error ?? ''}`);
        });
        this.hls.on(Hls.Events.FRAG_BUFFERED, (_event, { frag }) => {
            if (frag.type === 'main' && frag.sn !== 'initSegment')
                taken(this.name(frag.level), frag.start);
        });
        this.hls.attachMedia(video);
    }

    name(level) {
        return this.hls.levels[level].url[0].split('/').at(-2);
    }

    async open(address) {
        const parsed = new Promise((done) => { this.hls.once(Hls.Events.MANIFEST_PARSED, done); });
        this.hls.loadSource(address);
        await parsed;
    }

    rungs() {
        return this.hls.levels.map((_level, index) => this.name(index));
    }

    /** The next segment is to come from here. */
    choose(rung) {
        this.hls.loadLevel = this.rungs().indexOf(rung);
    }

    async end() {
        this.hls.destroy();
    }
}

class ShakaEngine {
    constructor(video, faults, taken) {
        this.player = new shaka.Player();
        this.attached = this.player.attach(video);
        this.player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: 6, rebufferingGoal: 0.5, segmentPrefetchLimit: 0 } });
        this.player.addEventListener('error', (event) => faults.push(`shaka ${event.detail.code} ${event.detail.data}`));
        this.player.addEventListener('segmentappended', ({ contentType, start }) => {
            if (contentType === 'video')
                taken(this.chosen, start);
        });
    }

    async open(address) {
        await this.attached;
        await this.player.load(address);
        this.chosen = this.player.getVariantTracks().find((track) => track.active).originalVideoId;
    }

    /* HLS has no names for renditions, so that Shaka gives the addresses of their playlists. */
    rungs() {
        return [...new Set(this.player.getVariantTracks().map((track) => track.originalVideoId))];
    }

    choose(rung) {
        this.chosen = rung;
        this.player.selectVariantTrack(this.player.getVariantTracks().find((track) => track.originalVideoId === rung), false);
    }

    async end() {
        await this.player.destroy();
    }
}

class DashEngine {
    constructor(video, faults, taken) {
        this.player = dashjs.MediaPlayer().create();
        this.player.initialize(video, null, false);
        this.player.updateSettings({ streaming: {
            abr: { autoSwitchBitrate: { video: false, audio: false } },
            buffer: { bufferTimeDefault: 6, bufferTimeAtTopQuality: 6, bufferTimeAtTopQualityLongForm: 6, fastSwitchEnabled: false },
        } });
        for (const name of ['ERROR', 'PLAYBACK_ERROR'])
            this.player.on(dashjs.MediaPlayer.events[name], (event) => faults.push(`dash.js ${JSON.stringify(event.error ?? event)}`));
        this.player.on(dashjs.MediaPlayer.events.FRAGMENT_LOADING_COMPLETED, ({ request, error }) => {
            if (!error && request.mediaType === 'video' && request.type === 'MediaSegment')
                taken(request.representation.id, request.startTime);
        });
    }

    async open(address) {
        const ready = new Promise((done) => { this.player.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, done); });
        this.player.attachSource(address);
        await ready;
    }

    rungs() {
        return this.player.getRepresentationsByType('video').map((one) => one.id);
    }

    choose(rung) {
        this.player.setRepresentationForTypeByIndex('video', this.rungs().indexOf(rung));
    }

    async end() {
        this.player.destroy();
    }
}

const engines = { hls: HlsEngine, shaka: ShakaEngine, dash: DashEngine };

window.lab = {
    faults: [],
    taken: [], // [rung, start in seconds] of each segment of pictures
    alternating: false,

    async open(engine, address) {
        document.body.replaceChildren(document.createElement('video'));
        const video = document.querySelector('video');
        Object.assign(video, { muted: true, width: 640, height: 360 });
        Object.assign(this, { faults: [], taken: [], alternating: false, video });
        this.engine = new engines[engine](video, this.faults, (rung, start) => this.take(rung, start));
        await this.engine.open(address);
        this.rungs = this.engine.rungs();
        this.engine.choose(this.rungs.find((rung) => !/stills/.test(rung)));
        await video.play();
        await this.until(() => video.currentTime > 0.2);
        return this.rungs;
    },

    take(rung, start) {
        this.taken.push([rung, start]);
        /* Not after the last one: its initialization would open again what was ended. */
        if (this.alternating && start < this.video.duration - 4.5)
            this.engine.choose(this.rungs[(this.rungs.indexOf(rung) + 1) % this.rungs.length]);
    },

    alternate() {
        const last = this.taken.at(-1);
        this.taken = [];
        this.alternating = true;
        this.take(...last);
    },

    async until(condition, limitMs = 20000) {
        const until = performance.now() + limitMs;
        while (!condition()) {
            if (performance.now() > until)
                throw new Error(`${condition} did not come true at ${this.video.currentTime} s, ${this.describe()}`);
            await new Promise((done) => { setTimeout(done, 20); });
        }
    },

    describe() {
        const { buffered, readyState, error } = this.video;
        const spans = Array.from({ length: buffered.length }, (_one, index) => [buffered.start(index), buffered.end(index)]);
        return JSON.stringify({ spans, readyState, error: error?.message, faults: this.faults, taken: this.taken });
    },

    /** Where it stands after a seek, and the second that the picture tells. */
    async seek(seconds) {
        this.video.pause();
        this.video.currentTime = seconds;
        await this.until(() => !this.video.seeking && this.video.readyState >= 2);
        return { at: this.video.currentTime, told: this.told() };
    },

    /** Five black or white fields of 80 points each, the lowest bit first, in a picture 854 points wide. */
    told() {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [854, 480];
        const pencil = canvas.getContext('2d');
        pencil.drawImage(this.video, 0, 0, canvas.width, canvas.height);
        return [0, 1, 2, 3, 4].reduce((sum, bit) => sum + (pencil.getImageData(80 * bit + 40, 40, 1, 1).data[1] > 127 ? 1 << bit : 0), 0);
    },

    async playToEnd(from, rate) {
        this.video.currentTime = from;
        this.video.playbackRate = rate;
        await this.video.play();
        await this.until(() => this.video.ended, 60000);
        const { totalVideoFrames, droppedVideoFrames } = this.video.getVideoPlaybackQuality();
        return { at: this.video.currentTime, duration: this.video.duration, shown: totalVideoFrames - droppedVideoFrames };
    },

    async end() {
        await this.engine.end();
    },
};
