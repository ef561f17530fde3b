import type { ComponentChildren } from 'preact';
import { findingWords } from '../shared/finding_words';
import type { MediaReport, StreamReport } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatBytes, formatPosition } from '../shared/time';
import { FindingList } from './finding_list';
import { codecName, containerName } from './media_names';

interface Properties {
    report: MediaReport;
    open: boolean;
    /** Nothing becomes of the file: only what was found in it is told. */
    refused: boolean;
}

/** What the probe found, in words: the file, its picture, its sound, what becomes of them, and what is odd. */
export function Verdict({ report, open, refused }: Properties) {
    if (refused && report.container === '') return null;
    return (
        <details class="verdict" open={open}>
            <summary>{t('admin.verdict')}</summary>
            <table class="verdict-facts">
                <thead>
                    <tr>
                        <td />
                        <th scope="col">{t('admin.verdict_came')}</th>
                        {!refused && <th scope="col">{t('admin.verdict_becomes')}</th>}
                    </tr>
                </thead>
                <tbody>
                    <Row name={t('admin.verdict_file')} came={<FileFacts report={report} />} refused={refused}>
                        {t('admin.verdict_length', { length: formatPosition(report.duration_ms) })}
                    </Row>
                    {(!refused || isThere(report.video)) && (
                        <Row
                            name={t('admin.verdict_picture')}
                            came={<PictureFacts report={report} />}
                            refused={refused}>
                            <ActionWords stream={report.video} absent={t('admin.verdict_audio_lecture')} />
                        </Row>
                    )}
                    {(!refused || isThere(report.audio)) && (
                        <Row
                            name={t('admin.verdict_sound')}
                            came={<SoundFacts report={report} />}
                            refused={refused}>
                            <ActionWords stream={report.audio} absent={t('admin.verdict_silent')} />
                        </Row>
                    )}
                </tbody>
            </table>
            <Oddities report={report} />
        </details>
    );
}

interface RowProperties {
    name: string;
    came: ComponentChildren;
    refused: boolean;
    children: ComponentChildren;
}

function Row({ name, came, refused, children }: RowProperties) {
    return (
        <tr>
            <th scope="row">{name}</th>
            <td data-label={t('admin.verdict_came')}>{came}</td>
            {!refused && <td data-label={t('admin.verdict_becomes')}>{children}</td>}
        </tr>
    );
}

function isThere(stream: StreamReport | undefined): stream is StreamReport {
    return stream !== undefined && stream.codec !== '';
}

function figure(value: number, digits: number): string {
    return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: digits }).format(value);
}

function FileFacts({ report }: { report: MediaReport }) {
    const values = {
        container: containerName(report.container),
        size: formatBytes(report.size_bytes, currentLanguage()),
        length: formatPosition(report.duration_ms),
    };
    return <>{t(report.duration_ms > 0 ? 'admin.verdict_file_words' : 'admin.verdict_file_size', values)}</>;
}

function PictureFacts({ report: { video } }: { report: MediaReport }) {
    if (!isThere(video)) return <>{t('admin.verdict_none')}</>;
    const words = t('admin.verdict_picture_words', {
        codec: codecName(video.codec),
        width: String(video.width),
        height: String(video.height),
        rate: figure(video.frames_per_second_milli / 1000, 2),
    });
    return <>{video.frames_per_second_milli > 0 ? withRate(words, video) : `${codecName(video.codec)}`}</>;
}

function SoundFacts({ report: { audio } }: { report: MediaReport }) {
    if (!isThere(audio)) return <>{t('admin.verdict_none')}</>;
    const words = t('admin.verdict_sound_words', {
        codec: codecName(audio.codec),
        rate: figure(audio.sample_rate / 1000, 1),
        channels: audio.channels,
    });
    return <>{withRate(words, audio)}</>;
}

function withRate(words: string, stream: StreamReport): string {
    if (stream.bits_per_second <= 0) return words;
    return t('admin.verdict_with_rate', { words, rate: stream.bits_per_second });
}

function ActionWords({ stream, absent }: { stream: StreamReport | undefined; absent: string }) {
    if (!isThere(stream) || stream.action === 'none') return <>{absent}</>;
    if (stream.action === 'copy') return <>{t('admin.verdict_copied')}</>;
    const because = stream.because ? findingWords(stream.because) : null;
    const reason = because?.sentence ?? stream.reason;
    if (!reason) return <>{t('admin.verdict_transcoded')}</>;
    return (
        <>
            {t('admin.verdict_transcoded_because')}{' '}
            <span lang={because ? because.lang : 'en'}>{reason}</span>
        </>
    );
}

/* Older reports have English notes, and no findings. */
function Oddities({ report }: { report: MediaReport }) {
    if (report.findings && report.findings.length > 0)
        return (
            <>
                <h3 class="verdict-title">{t('admin.verdict_odd')}</h3>
                <FindingList findings={report.findings} />
            </>
        );
    const notes = report.findings ? [] : (report.notes ?? []);
    if (notes.length === 0) return null;
    return (
        <ul class="verdict-notes" lang="en">
            {notes.map((note) => (
                <li key={note}>{note}</li>
            ))}
        </ul>
    );
}
