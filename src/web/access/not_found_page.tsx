import { Mark } from '../shared/components/mark';
import { PageFrame } from '../shared/components/page_frame';
import { useTitle } from '../shared/hooks';
import { t } from '../shared/text';

/** What the server sends, with 404, for an address that it does not know. */
export function NotFoundPage() {
    useTitle(t('access.nothing_title'));
    return (
        <PageFrame>
            <section class="access-card" data-problem="not-found">
                <Mark large />
                <h1>{t('access.nothing_title')}</h1>
                <p class="lede">{t('access.nothing_text')}</p>
                <a class="button button-primary" href="/">
                    {t('access.to_program')}
                </a>
                <p>
                    <a href="/sign-in">{t('access.staff_sign_in')}</a>
                </p>
            </section>
        </PageFrame>
    );
}
