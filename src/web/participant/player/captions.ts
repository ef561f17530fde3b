/*
 * Captions by the browser's own <track>, read out by us: so they stand clear of the controls, in a size that fits the screen,
 * and cost nothing until they are wanted. In the full screen of iPhones, which shows the video alone, the browser draws them.
 */
export class Captions {
    private track: HTMLTrackElement | null = null;
    private retried = false;
    private native = false;

    constructor(
        private readonly video: HTMLVideoElement,
        private readonly show: (lines: DocumentFragment[]) => void,
        private readonly renew: () => Promise<void>,
    ) {
        video.addEventListener('webkitbeginfullscreen', () => this.setNative(true));
        video.addEventListener('webkitendfullscreen', () => this.setNative(false));
    }

    /** folder: the lecture version's address; language "" for none. */
    choose(folder: string, language: string): void {
        this.retried = false;
        this.set(folder, language);
    }

    private set(folder: string, language: string): void {
        this.track?.remove();
        this.track = null;
        this.show([]);
        if (language === '') return;
        const track = document.createElement('track');
        track.kind = 'subtitles';
        track.srclang = language;
        track.src = `${folder}/captions/${encodeURIComponent(language)}.vtt`;
        track.addEventListener('error', () => void this.retry(track, folder, language));
        this.video.append(track);
        track.track.mode = this.native ? 'showing' : 'hidden';
        track.track.addEventListener('cuechange', () => this.showCues(track));
        this.track = track;
    }

    private async retry(track: HTMLTrackElement, folder: string, language: string): Promise<void> {
        if (this.retried || track !== this.track) return;
        this.retried = true;
        await this.renew();
        if (track === this.track) this.set(folder, language);
    }

    private showCues(track: HTMLTrackElement): void {
        if (track !== this.track) return;
        const cues = this.native ? [] : [...(track.track.activeCues ?? [])];
        this.show(cues.map((cue) => (cue as VTTCue).getCueAsHTML()));
    }

    private setNative(native: boolean): void {
        this.native = native;
        if (this.track) this.track.track.mode = native ? 'showing' : 'hidden';
    }
}
