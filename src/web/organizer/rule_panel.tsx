import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useLoaded } from '../shared/hooks';
import type { RuleHistory } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatDateTime } from '../shared/time';
import { readerZone } from '../shared/zones';
import { RuleDialog } from './rule_dialog';
import { ruleWords } from './rule_words';

/** What completes a lecture here, in plain words, and who made it so. */
export function RulePanel({ cohort, onChange }: { cohort: string; onChange: () => void }) {
    const [editing, setEditing] = useState(false);
    const history = useLoaded(`rule ${cohort}`, () =>
        request<RuleHistory>('GET', `/cohorts/${cohort}/rule`),
    );
    if (history.problem && !history.value)
        return <ProblemNotice problem={history.problem} retry={() => void history.reload()} />;
    if (!history.value) return null;
    const { rule, versions } = history.value;
    return (
        <details class="card rule" id="rule">
            <summary>{t('organizer.rule_title', { version: rule.version })}</summary>
            <ul class="rule-words">
                {ruleWords(rule).map((sentence) => (
                    <li key={sentence}>{sentence}</li>
                ))}
            </ul>
            {versions.length > 0 && (
                <ol class="rule-versions">
                    {versions.map((version) => (
                        <li key={version.version} value={version.version}>
                            {t('organizer.rule_version', {
                                when: formatDateTime(version.made_at_ms, currentLanguage(), readerZone()),
                                who: version.made_by ?? t('organizer.rule_by_operator'),
                            })}
                        </li>
                    ))}
                </ol>
            )}
            <Button small onClick={() => setEditing(true)}>
                {t('organizer.rule_edit')}
            </Button>
            {editing && (
                <RuleDialog
                    cohort={cohort}
                    rule={rule}
                    onClose={() => setEditing(false)}
                    onSaved={() => {
                        setEditing(false);
                        void history.reload();
                        onChange();
                    }}
                />
            )}
        </details>
    );
}
