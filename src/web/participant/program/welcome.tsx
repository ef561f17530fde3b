import { Mark } from '../../shared/components/mark';
import { t } from '../../shared/text';

/** For someone without a session: how one gets in. */
export function Welcome() {
    return (
        <section class="welcome">
            <Mark large />
            <h1>{t('program.welcome_title')}</h1>
            <p class="lede">{t('program.welcome_text')}</p>
            <p>{t('program.welcome_help')}</p>
            <p>
                <a class="stand-alone" href="/sign-in">{t('program.staff_sign_in')}</a>
            </p>
        </section>
    );
}
