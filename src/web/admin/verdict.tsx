import type { MediaReport, StreamReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { codecName, containerName } from './media_names';
import { formatBytes, formatPosition } from '../shared/time';

interface Properties {
    report: MediaReport;
    open: boolean;
    /** Nothing becomes of the file: only what was found in it is told. */
    refused: boolean;
}

/** What the probe found, in words: the file, its picture, its sound, and what becomes of them. */
export function Verdict({ report, open, refused }: Properties) {
    const notes = report.notes ?? [];
    if (refused && report.container === '') return null;
    return (
        <details class="verdict" open={open}>
            <summary>{t('admin.verdict')}</summary>
            <dl class="verdict-facts">
                <dt>{t('admin.verdict_file')}</dt>
                <dd>
                    {t('admin.verdict_file_words', {
                        container: containerName(report.container),
                        size: formatBytes(report.size_bytes, currentLanguage()),
                        length: formatPosition(report.duration_ms),
                    })}
                </dd>
                {(!refused || isThere(report.video)) && (
                    <>
                        <dt>{t('admin.verdict_picture')}</dt>
                        <dd>
                            <PictureWords report={report} refused={refused} />
                        </dd>
                    </>
                )}
                {(!refused || isThere(report.audio)) && (
                    <>
                        <dt>{t('admin.verdict_sound')}</dt>
                        <dd>
                            <SoundWords report={report} refused={refused} />
                        </dd>
                    </>
                )}
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

function isThere(stream: StreamReport | undefined): stream is StreamReport {
    return stream !== undefined && stream.action !== 'none';
}

interface WordsProperties {
    report: MediaReport;
    refused: boolean;
}

function PictureWords({ report: { video }, refused }: WordsProperties) {
    if (!isThere(video)) return <>{t('admin.verdict_no_picture')}</>;
    const rate = new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 2 }).format(
        video.frames_per_second_milli / 1000,
    );
    const facts = t('admin.verdict_picture_words', {
        codec: codecName(video.codec),
        width: String(video.width),
        height: String(video.height),
        rate,
    });
    return (
        <>
            {facts} {!refused && <ActionWords stream={video} />}
        </>
    );
}

function SoundWords({ report: { audio }, refused }: WordsProperties) {
    if (!isThere(audio)) return <>{t('admin.verdict_no_sound')}</>;
    const rate = new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(
        audio.sample_rate / 1000,
    );
    const facts = t('admin.verdict_sound_words', {
        codec: codecName(audio.codec),
        rate,
        channels: audio.channels,
    });
    return (
        <>
            {facts} {!refused && <ActionWords stream={audio} />}
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
