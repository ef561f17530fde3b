import type { Problem } from '../api';
import { mayPass, problemParticulars, problemText, signInHelps } from '../problem_text';
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
                <p class="notice-particulars" lang={particulars.lang}>
                    {particulars.words}
                </p>
            )}
            {signInHelps(problem) && <SignInLink />}
            {retry && mayPass(problem) && (
                <Button kind="quiet" onClick={retry}>
                    {t('shared.try_again')}
                </Button>
            )}
        </div>
    );
}

/** In a page of its own: what was typed into a dialog here must not be lost. */
function SignInLink() {
    return (
        <a
            class="button button-plain"
            href={`/sign-in?from=${encodeURIComponent(location.pathname)}`}
            target="_blank"
            rel="noopener">
            {t('shared.sign_in_new_page')}
        </a>
    );
}
