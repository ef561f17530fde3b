import { useState } from 'preact/hooks';
import type { Problem } from '../../shared/api';
import { Button } from '../../shared/components/button';
import { Icon } from '../../shared/components/icon';
import { ProblemNotice } from '../../shared/components/problem_notice';
import { downloadProof } from '../../shared/proof';
import { t } from '../../shared/text';

/** What is stored about the reader, and the proof of what they watched: theirs to take along. */
export function MyRecord({ participant }: { participant: string }) {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const prove = async () => {
        setBusy(true);
        setProblem(await downloadProof('/api/v1/me/evidence', `evidence-${participant}.jsonl`));
        setBusy(false);
    };
    return (
        <details class="my-record" id="my-record">
            <summary>{t('program.record_title')}</summary>
            <p>{t('program.record_text')}</p>
            <p>{t('program.record_proof_text')}</p>
            <div class="row">
                <a class="button button-plain button-small" href="/api/v1/me/record?format=text" download>
                    <Icon name="download" />
                    {t('program.record_download')}
                </a>
                <Button small busy={busy} onClick={() => void prove()}>
                    <Icon name="download" />
                    {t('program.record_proof')}
                </Button>
            </div>
            {problem && <p role="status">{problem.code === 'not-found' ? t('program.record_no_proof') : null}</p>}
            {problem && problem.code !== 'not-found' && <ProblemNotice problem={problem} />}
        </details>
    );
}
