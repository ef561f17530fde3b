import { Icon } from '../shared/components/icon';
import { findingWords } from '../shared/finding_words';
import type { Finding } from '../shared/staff_types';
import { t } from '../shared/text';

/** What is odd, each with what is done about it; what the admin should look at comes first. */
export function FindingList({ findings }: { findings: Finding[] }) {
    const warnings = findings.filter((finding) => finding.severity !== 'info');
    const others = findings.filter((finding) => finding.severity === 'info');
    return (
        <ul class="findings">
            {[...warnings, ...others].map((finding) => (
                <FindingLine key={finding.code} finding={finding} />
            ))}
        </ul>
    );
}

function FindingLine({ finding }: { finding: Finding }) {
    const { sentence, action, lang } = findingWords(finding);
    const warns = finding.severity !== 'info';
    return (
        <li class={`finding finding-${finding.severity}`} data-finding={finding.code}>
            <Icon name={warns ? 'warning' : 'check'} />
            {warns && <span class="visually-hidden">{t('admin.finding_look')}</span>}
            <p lang={lang}>
                {sentence} {action && <span class="finding-action">{action}</span>}
            </p>
        </li>
    );
}
