import type { Cohort, Program } from '../shared/staff_types';

export interface FoundCohort {
    program: Program;
    cohort: Cohort;
}

/** The cohort with this id; else the one that runs now or ran last, as that is what one comes to look at. */
export function findCohort(
    programs: readonly Program[],
    id: string | null,
    nowMs: number = Date.now(),
): FoundCohort | null {
    const all = programs.flatMap((program) => program.cohorts.map((cohort) => ({ program, cohort })));
    const named = all.find(({ cohort }) => cohort.id === id);
    if (named) return named;
    const begun = all.filter(({ cohort }) => cohort.opens_at_ms <= nowMs);
    begun.sort((a, b) => b.cohort.opens_at_ms - a.cohort.opens_at_ms);
    return begun[0] ?? all[0] ?? null;
}
