import { Button } from '../../shared/components/button';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { ProgressBar } from '../../shared/components/progress_bar';
import { findingWords } from '../../shared/finding_words';
import { currentLanguage, t } from '../../shared/text';
import { formatBytes, formatPercent } from '../../shared/time';
import { timeLeftWords } from './time_left';
import type { UploadItem } from './upload_item';
import type { Uploads } from './use_uploads';

interface Properties {
    item: UploadItem;
    uploads: Uploads;
    /** On the card of the lecture whose place it takes. */
    within?: boolean;
}

/** A file on its way: how far, how fast, how long yet. */
export function UploadCard({ item, uploads, within = false }: Properties) {
    const part = item.size > 0 ? item.sent / item.size : 0;
    const refused = item.state === 'refused';
    const moving = item.state === 'sending' || item.state === 'retrying';
    return (
        <article class={`upload-card ${within ? 'upload-within' : 'card'}`} data-upload-state={item.state} aria-label={item.fileName}>
            <header class="upload-card-header">
                {within ? (
                    <h3 class="upload-name">{t('upload.replaces', { file: item.fileName })}</h3>
                ) : (
                    <h2 class="upload-name">{item.fileName}</h2>
                )}
                {!refused && (
                    <span class="upload-percent">{formatPercent(part, currentLanguage())}</span>
                )}
            </header>
            {!refused && <ProgressBar part={part} label={t('upload.progress', { file: item.fileName })} />}
            {!refused && (
                <p class="soft upload-figures" role="status">
                    {figures(item)}
                </p>
            )}
            <WhatWentWrong item={item} />
            {refused && within && <p>{t('upload.nothing_changed')}</p>}
            {item.state !== 'done' && (
                <div class="row">
                    {moving && (
                        <Button small onClick={() => uploads.pause(item.key)}>
                            {t('upload.pause')}
                        </Button>
                    )}
                    {(item.state === 'paused' || item.state === 'failed') && (
                        <Button small kind="primary" onClick={() => uploads.resume(item.key)}>
                            {t('upload.resume')}
                        </Button>
                    )}
                    <Button small kind="quiet" onClick={() => void uploads.cancel(item.key)}>
                        {refused ? t('admin.remove') : t('shared.cancel')}
                    </Button>
                </div>
            )}
        </article>
    );
}

/* What the server found is told in the reader's language. */
function WhatWentWrong({ item }: { item: UploadItem }) {
    if (!item.finding) return item.problem && <ProblemNotice problem={item.problem} />;
    const { sentence, action, lang } = findingWords(item.finding);
    return (
        <div class="notice notice-problem" role="alert" data-problem={item.problem?.code}>
            <p>{t('upload.refused_early')}</p>
            <p class="notice-particulars" data-finding={item.finding.code} lang={lang}>
                {sentence} {action}
            </p>
        </div>
    );
}

function figures(item: UploadItem): string {
    const language = currentLanguage();
    const sizes = t('upload.sizes', {
        sent: formatBytes(item.sent, language),
        size: formatBytes(item.size, language),
    });
    switch (item.state) {
        case 'waiting':
            return t('upload.waiting', { size: formatBytes(item.size, language) });
        case 'paused':
            return t('upload.paused', { sizes });
        case 'retrying':
            return t('upload.retrying', { sizes });
        case 'failed':
        case 'refused':
            return t('upload.failed', { sizes });
        case 'done':
            return t('upload.done');
        case 'sending':
            return item.bytesPerSecond > 0
                ? t('upload.sending', {
                      sizes,
                      speed: formatBytes(item.bytesPerSecond, language),
                      left: timeLeftWords((item.size - item.sent) / item.bytesPerSecond),
                  })
                : sizes;
    }
}
