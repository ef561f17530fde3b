import { useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { SelectField, TextField } from '../shared/components/field';
import { FormDialog } from '../shared/components/form_dialog';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { useAction } from '../shared/staff/use_action';
import type { CohortReport, WatchGroup } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { formatDateTime } from '../shared/time';
import { readerZone } from '../shared/zones';

interface Properties {
    group: WatchGroup;
    report: CohortReport;
    onChange: () => void;
}

const MINUTE_MS = 60_000;

/** One group: when, what was shown, who was there, and the organizer's word on it. */
export function GroupCard({ group, report, onChange }: Properties) {
    const [asking, setAsking] = useState<'refuse' | 'add' | null>(null);
    const acting = useAction();
    const path = `/groups/${group.id}`;
    const act = (work: () => Promise<unknown>) =>
        void acting.run(work).then((done) => {
            if (done) {
                setAsking(null);
                onChange();
            }
        });
    const confirm = () =>
        act(() => request('POST', `${path}/decision`, { body: { verdict: 'confirmed' } }));
    const decided = group.state === 'confirmed' || group.state === 'refused';
    return (
        <li class="group" data-group={group.id} data-state={group.state}>
            <p class="group-when">
                <strong>{formatDateTime(group.opened_at_ms, currentLanguage(), readerZone())}</strong>{' '}
                {shownWords(group, report)}
            </p>
            <People group={group} onRemove={(id) => act(() => request('DELETE', `${path}/people/${id}`))} />
            <p class="group-state" role="status">
                {stateWords(group)}
            </p>
            {acting.problem && asking === null && <ProblemNotice problem={acting.problem} />}
            <div class="row">
                {group.state !== 'confirmed' && (
                    <Button kind="primary" small busy={acting.busy} onClick={confirm}>
                        <Icon name="check" />
                        {t('organizer.together_confirm')}
                    </Button>
                )}
                {group.state !== 'refused' && (
                    <Button kind="quiet" small onClick={() => setAsking('refuse')}>
                        {t('organizer.together_refuse')}
                    </Button>
                )}
                <Button kind="quiet" small onClick={() => setAsking('add')}>
                    <Icon name="plus" />
                    {t('organizer.together_add')}
                </Button>
                {decided && (
                    <Button
                        kind="quiet"
                        small
                        busy={acting.busy}
                        onClick={() => act(() => request('DELETE', `${path}/decision`))}>
                        {t('organizer.together_withdraw')}
                    </Button>
                )}
            </div>
            {asking === 'refuse' && (
                <FormDialog
                    title={t('organizer.together_refuse')}
                    action={t('organizer.together_refuse_save')}
                    sending={acting}
                    onSubmit={(form) =>
                        act(() =>
                            request('POST', `${path}/decision`, {
                                body: { verdict: 'refused', reason: String(form.get('reason') ?? '').trim() },
                            }),
                        )
                    }
                    onClose={() => setAsking(null)}>
                    <p>{t('organizer.together_refuse_text')}</p>
                    <TextField label={t('organizer.decision_reason')} name="reason" required />
                </FormDialog>
            )}
            {asking === 'add' && (
                <FormDialog
                    title={t('organizer.together_add')}
                    action={t('organizer.add')}
                    sending={acting}
                    onSubmit={(form) =>
                        act(() =>
                            request('POST', `${path}/people`, { body: { participant: form.get('participant') } }),
                        )
                    }
                    onClose={() => setAsking(null)}>
                    <p>{t('organizer.together_add_text')}</p>
                    <SelectField
                        label={t('organizer.participant')}
                        name="participant"
                        value=""
                        options={others(group, report)}
                    />
                </FormDialog>
            )}
        </li>
    );
}

function People({ group, onRemove }: { group: WatchGroup; onRemove: (id: string) => void }) {
    return (
        <ul class="chips">
            <li>
                <span class="chip">{t('organizer.together_host', { name: group.host.name })}</span>
            </li>
            {group.people.map((person) => (
                <li key={person.id} data-person={person.id}>
                    <span class="chip">
                        {person.by === 'code'
                            ? t('organizer.together_person', {
                                  name: person.name,
                                  minutes: Math.round(person.present_ms / MINUTE_MS),
                              })
                            : t('organizer.together_person_by_hand', { name: person.name })}
                        <button
                            type="button"
                            class="chip-button"
                            aria-label={t('organizer.together_remove', { name: person.name })}
                            onClick={() => onRemove(person.id)}>
                            <Icon name="close" />
                        </button>
                    </span>
                </li>
            ))}
        </ul>
    );
}

function others(group: WatchGroup, report: CohortReport) {
    const there = new Set([group.host.id, ...group.people.map((person) => person.id)]);
    return report.participants
        .filter((participant) => !there.has(participant.id))
        .map((participant) => ({ value: participant.id, label: participant.name }));
}

function shownWords(group: WatchGroup, report: CohortReport): string {
    if (group.lectures.length === 0) return t('organizer.together_nothing');
    return group.lectures
        .map((shown) =>
            t('organizer.together_shown', {
                title: report.lectures.find((lecture) => lecture.id === shown.id)?.title ?? '…',
                minutes: Math.round(shown.shown_ms / MINUTE_MS),
            }),
        )
        .join(t('shared.list_comma'));
}

function stateWords(group: WatchGroup): string {
    const standing = group.decisions.find((decision) => decision.ended_at_ms === null);
    if (group.state === 'open') return t('organizer.together_open');
    if (!standing) return t('organizer.together_waits');
    const values = {
        name: standing.decided_by ?? t('organizer.rule_by_operator'),
        when: formatDateTime(standing.decided_at_ms, currentLanguage(), readerZone()),
    };
    return group.state === 'confirmed'
        ? t('organizer.together_confirmed', values)
        : t('organizer.together_refused', { ...values, reason: standing.reason });
}
