import { useTitle } from '../shared/hooks';
import { StaffFrame } from '../shared/staff/staff_frame';
import { useAddress } from '../shared/staff/use_address';
import { t } from '../shared/text';
import { LecturesView } from './lectures_view';
import { ProgramsView } from './programs_view';

type View = 'lectures' | 'programs';

export function AdminPage() {
    useTitle(t('admin.title'));
    const [address, go] = useAddress();
    const view: View = address.get('view') === 'programs' ? 'programs' : 'lectures';
    return (
        <StaffFrame room="admin">
            {() => (
                <>
                    <header class="admin-header">
                        <h1>{view === 'lectures' ? t('admin.lectures') : t('admin.programs')}</h1>
                        <Tabs
                            view={view}
                            onGo={(to) => go({ view: to === 'lectures' ? null : to, program: null })}
                        />
                    </header>
                    {/* Uploads go on while another view is shown. */}
                    <div hidden={view !== 'lectures'}>
                        <LecturesView onPrograms={() => go({ view: 'programs', program: null })} />
                    </div>
                    {view === 'programs' && (
                        <ProgramsView
                            program={address.get('program')}
                            onOpen={(program) => go({ program })}
                        />
                    )}
                </>
            )}
        </StaffFrame>
    );
}

function Tabs({ view, onGo }: { view: View; onGo: (view: View) => void }) {
    const tab = (to: View, words: string) => (
        <a
            class="tab"
            href={to === 'lectures' ? '/admin' : '/admin?view=programs'}
            aria-current={view === to ? 'page' : undefined}
            onClick={(event) => {
                event.preventDefault();
                onGo(to);
            }}>
            {words}
        </a>
    );
    return (
        <nav class="tabs" aria-label={t('admin.views')}>
            {tab('lectures', t('admin.lectures'))}
            {tab('programs', t('admin.programs'))}
        </nav>
    );
}
