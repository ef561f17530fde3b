import type { Problem } from '../api';
import { problemParticulars, problemText } from '../problem_text';
import { t } from '../text';
import { Button } from './button';

interface Properties {
    problem: Problem;
    retry?: (() => void) | undefined;
}

/** A problem where something should have been: what happened, and what to do. */
export function ProblemNotice({ problem, retry }: Properties) {
    const particulars = problemParticulars(problem);
    return (
        <div class="notice notice-problem" role="alert" data-problem={problem.code}>
            <p>{problemText(problem)}</p>
            {particulars && (
                <p class="notice-particulars" lang="en">
                    {particulars}
                </p>
            )}
            {retry && (
                <Button kind="quiet" onClick={retry}>
                    {t('shared.try_again')}
                </Button>
            )}
        </div>
    );
}
