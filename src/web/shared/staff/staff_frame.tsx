/* The frame of the staff's pages: who one is, where one can go, and the way to sign in when one is nobody yet. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Button } from '../components/button';
import { PageFrame } from '../components/page_frame';
import { ProblemNotice } from '../components/problem_notice';
import { Waiting } from '../components/waiting';
import { useLoaded } from '../hooks';
import { needsSession } from '../problem_text';
import { leave, loadMe } from '../session';
import { t } from '../text';
import type { Me, StaffMe } from '../types';

interface Properties {
    room: 'admin' | 'organizer';
    children: (me: StaffMe) => ComponentChildren;
}

export function StaffFrame({ room, children }: Properties) {
    const me = useLoaded<Me>('me', loadMe);
    const staff = me.value && me.value.role !== 'participant' ? me.value : null;
    const stranger = me.value === null && me.problem !== null && needsSession(me.problem);
    const welcome = staff !== null && (room === 'organizer' || staff.role === 'admin');
    useEffect(() => {
        if (stranger) location.replace(`/sign-in?from=/${room}`);
    }, [stranger]);
    return (
        <PageFrame wide home={welcome || !me.value ? `/${room}` : homeOf(me.value)} tools={staff && <Tools room={room} me={staff} />}>
            {me.problem && !stranger && <ProblemNotice problem={me.problem} retry={() => void me.reload()} />}
            {staff && welcome && children(staff)}
            {me.value && !welcome && <WrongDoor room={room} me={me.value} />}
            {!me.value && !me.problem && <Waiting />}
        </PageFrame>
    );
}

function homeOf(me: Me): string {
    return me.role === 'participant' ? '/' : `/${me.role}`;
}

/** Somebody who is signed in, but not for this page: who they are here, and the ways on. */
function WrongDoor({ room, me }: { room: Properties['room']; me: Me }) {
    return (
        <section class="wrong-door">
            <h1>{room === 'admin' ? t('staff.for_admins') : t('staff.for_staff')}</h1>
            <p class="lede">{t('staff.signed_in_as', { name: me.name })}</p>
            <div class="row">
                <a class="button button-primary" href={homeOf(me)}>
                    {me.role === 'participant' ? t('staff.to_my_program') : t('staff.to_my_page')}
                </a>
                <a class="button button-plain" href={`/sign-in?from=/${room}`}>
                    {t('staff.as_somebody_else')}
                </a>
            </div>
        </section>
    );
}

function Tools({ room, me }: { room: 'admin' | 'organizer'; me: StaffMe }) {
    return (
        <nav class="staff-tools" aria-label={t('staff.rooms')}>
            {me.role === 'admin' && (
                <a href="/admin" aria-current={room === 'admin' ? 'page' : undefined}>
                    {t('staff.admin')}
                </a>
            )}
            {me.role === 'admin' && (
                <a href="/organizer" aria-current={room === 'organizer' ? 'page' : undefined}>
                    {t('staff.organizer')}
                </a>
            )}
            <span class="staff-name">{me.name}</span>
            <Button kind="quiet" small onClick={() => void leave('/sign-in')}>
                {t('staff.sign_out')}
            </Button>
        </nav>
    );
}
