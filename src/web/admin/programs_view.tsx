import { useState } from 'preact/hooks';
import { inLanguage, request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Icon } from '../shared/components/icon';
import { ProblemNotice } from '../shared/components/problem_notice';
import { Waiting } from '../shared/components/waiting';
import { useLoaded } from '../shared/hooks';
import type { Lecture, Program } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { AddProgramDialog } from './add_program_dialog';
import { ProgramCard } from './program_card';

interface Properties {
    /** The one that the address names, shown alone. */
    program: string | null;
    onOpen: (program: string | null) => void;
}

export function ProgramsView({ program, onOpen }: Properties) {
    const language = currentLanguage();
    const [adding, setAdding] = useState(false);
    const loaded = useLoaded(`programs ${language}`, async () => {
        const [{ programs }, { lectures }] = await Promise.all([
            request<{ programs: Program[] }>('GET', inLanguage('/programs', language)),
            request<{ lectures: Lecture[] }>('GET', inLanguage('/lectures', language)),
        ]);
        return { programs, lectures };
    });
    if (!loaded.value)
        return loaded.problem ? (
            <ProblemNotice problem={loaded.problem} retry={() => void loaded.reload()} />
        ) : (
            <Waiting />
        );
    const { programs, lectures } = loaded.value;
    const shown = program ? programs.filter((one) => one.id === program) : programs;
    return (
        <>
            <div class="row toolbar">
                {program && (
                    <Button kind="quiet" onClick={() => onOpen(null)}>
                        <Icon name="previous" />
                        {t('admin.all_programs')}
                    </Button>
                )}
                <Button kind="primary" onClick={() => setAdding(true)}>
                    <Icon name="plus" />
                    {t('admin.new_program')}
                </Button>
            </div>
            {programs.length === 0 && <p class="notice">{t('admin.no_programs')}</p>}
            <div class="stack">
                {shown.map((one) => (
                    <ProgramCard
                        key={one.id}
                        program={one}
                        lectures={lectures}
                        onChange={loaded.reload}
                    />
                ))}
            </div>
            {adding && (
                <AddProgramDialog onClose={() => setAdding(false)} onAdded={() => void loaded.reload()} />
            )}
        </>
    );
}
