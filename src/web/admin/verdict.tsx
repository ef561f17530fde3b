import type { MediaReport, StreamReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatBytes, formatPosition } from '../shared/time';

/** What the probe found, in words: the file, its picture, its sound, and what becomes of them. */
export function Verdict({ report, open }: { report: MediaReport; open: boolean }) {
    const notes = report.notes ?? [];
    return (
        <details class="verdict" open={open}>
            <summary>{t('admin.verdict')}</summary>
            <dl class="verdict-facts">
                <dt>{t('admin.verdict_file')}</dt>
                <dd>
                    {t('admin.verdict_file_words', {
                        container: firstName(report.container),
                        size: formatBytes(report.size_bytes, currentLanguage()),
                        length: formatPosition(report.duration_ms),
                    })}
                </dd>
                <dt>{t('admin.verdict_picture')}</dt>
                <dd>
                    <PictureWords report={report} />
                </dd>
                <dt>{t('admin.verdict_sound')}</dt>
                <dd>
                    <SoundWords report={report} />
                </dd>
            </dl>
            {notes.length > 0 && (
                <ul class="verdict-notes" lang="en">
                    {notes.map((note) => (
                        <li key={note}>{note}</li>
                    ))}
                </ul>
            )}
        </details>
    );
}

/** libavformat names a family: "mov,mp4,m4a,3gp,3g2,mj2". */
function firstName(container: string): string {
    const names = container.split(',');
    return (names.includes('mp4') ? 'mp4' : (names[0] ?? '')).toUpperCase();
}

function isThere(stream: StreamReport | undefined): stream is StreamReport {
    return stream !== undefined && stream.action !== 'none';
}

function PictureWords({ report: { video } }: { report: MediaReport }) {
    if (!isThere(video)) return <>{t('admin.verdict_no_picture')}</>;
    const rate = new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 2 }).format(
        video.frames_per_second_milli / 1000,
    );
    const facts = t('admin.verdict_picture_words', {
        codec: video.codec.toUpperCase(),
        width: String(video.width),
        height: String(video.height),
        rate,
    });
    return (
        <>
            {facts} <ActionWords stream={video} />
        </>
    );
}

function SoundWords({ report: { audio } }: { report: MediaReport }) {
    if (!isThere(audio)) return <>{t('admin.verdict_no_sound')}</>;
    const rate = new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(
        audio.sample_rate / 1000,
    );
    const facts = t('admin.verdict_sound_words', {
        codec: audio.codec.toUpperCase(),
        rate,
        channels: audio.channels,
    });
    return (
        <>
            {facts} <ActionWords stream={audio} />
        </>
    );
}

/* The reason is the server's own sentence. */
function ActionWords({ stream }: { stream: StreamReport }) {
    if (stream.action === 'copy') return <>{t('admin.verdict_copied')}</>;
    if (!stream.reason) return <>{t('admin.verdict_transcoded')}</>;
    return (
        <>
            {t('admin.verdict_transcoded_because')} <span lang="en">{stream.reason}</span>
        </>
    );
}
