import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { ConfirmDialog } from '../shared/components/confirm_dialog';
import { ProblemNotice } from '../shared/components/problem_notice';
import { ProgressBar } from '../shared/components/progress_bar';
import { Icon } from '../shared/components/icon';
import { toast } from '../shared/components/toast';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, Sound } from '../shared/staff_types';
import { currentLanguage, t } from '../shared/text';
import { AddSoundDialog } from './add_sound_dialog';
import { Reason } from './job_status';
import { MoveSoundDialog } from './move_sound_dialog';

/* While one is being made. */
const LOOK_AGAIN_MS = 2000;

/** The languages that a lecture can be heard in beside its own: add, move in time, remove. */
export function SoundsPanel({ lecture }: { lecture: Lecture }) {
    const [sounds, setSounds] = useState<Sound[]>([]);
    const [adding, setAdding] = useState(false);
    const [moving, setMoving] = useState<Sound | null>(null);
    const [removing, setRemoving] = useState<string | null>(null);
    const action = useAction();
    const title = useRef<HTMLHeadingElement>(null);
    const look = useCallback(async () => {
        const answer = await request<{ sounds: Sound[] }>('GET', `/lectures/${lecture.id}/sounds`);
        setSounds(answer.sounds);
    }, [lecture.id]);
    useEffect(() => void look().catch(() => undefined), [look]);
    const waits = sounds.some(isBeingMade);
    useEffect(() => {
        if (!waits) return undefined;
        const timer = setInterval(() => void look().catch(() => undefined), LOOK_AGAIN_MS);
        return () => clearInterval(timer);
    }, [waits, look]);
    const remove = async (language: string) => {
        const done = await action.run(() => request('DELETE', `/lectures/${lecture.id}/sounds/${language}`));
        setRemoving(null);
        if (!done) return;
        toast(t('admin.sound_removed', { language: languageName(language) }));
        await look();
        title.current?.focus();
    };
    return (
        <section class="lecture-part">
            <h3 ref={title} tabIndex={-1}>
                {t('admin.sounds')}
            </h3>
            {sounds.length > 0 && (
                <ul class="sounds">
                    {sounds.map((sound) => (
                        <SoundRow
                            key={sound.job + sound.language}
                            sound={sound}
                            onMove={() => setMoving(sound)}
                            onRemove={() => setRemoving(sound.language)}
                        />
                    ))}
                </ul>
            )}
            <div class="sound-add">
                <Button kind="quiet" small onClick={() => setAdding(true)}>
                    <Icon name="plus" />
                    {t('admin.add_sound')}
                </Button>
            </div>
            {action.problem && <ProblemNotice problem={action.problem} />}
            {adding && (
                <AddSoundDialog lecture={lecture} onClose={() => setAdding(false)} onSent={() => void look()} />
            )}
            {moving && (
                <MoveSoundDialog
                    lecture={lecture}
                    sound={moving}
                    onClose={() => setMoving(null)}
                    onMoved={() => void look()}
                />
            )}
            {removing && (
                <ConfirmDialog
                    title={t('admin.remove_sound', { language: languageName(removing) })}
                    text={t('admin.remove_sound_text')}
                    action={t('admin.remove')}
                    busy={action.busy}
                    onConfirm={() => void remove(removing)}
                    onClose={() => setRemoving(null)}
                />
            )}
        </section>
    );
}

function isBeingMade(sound: Sound): boolean {
    return sound.state === 'queued' || sound.state === 'running' || sound.state === 'paused';
}

interface RowProperties {
    sound: Sound;
    onMove: () => void;
    onRemove: () => void;
}

function SoundRow({ sound, onMove, onRemove }: RowProperties) {
    const language = languageName(sound.language);
    return (
        <li class="sound" data-sound-state={sound.state}>
            <div class="sound-words">
                <p class="sound-language">{language}</p>
                <p class="sound-particulars">
                    {sound.from_recording ? t('admin.sound_from_recording') : sound.file_name}
                    {!sound.from_recording && (
                        <span class="figures"> {t('admin.sound_offset_is', { offset: seconds(sound.offset_ms) })}</span>
                    )}
                </p>
                {isBeingMade(sound) && (
                    <ProgressBar
                        part={sound.permille / 1000}
                        label={t('admin.sound_progress', { language })}
                    />
                )}
                {!isBeingMade(sound) && sound.reason && (
                    <div class="notice notice-problem">
                        <Reason verdict={sound.verdict} reason={sound.reason} />
                    </div>
                )}
            </div>
            {sound.state === 'ready' && !sound.from_recording && (
                <Button kind="quiet" small onClick={onMove}>
                    {t('admin.move_sound')}
                </Button>
            )}
            <Button kind="quiet" small onClick={onRemove}>
                {t('admin.remove')}
            </Button>
        </li>
    );
}

/** "+1.5" of 1500: seconds, with their sign. */
function seconds(milliseconds: number): string {
    return new Intl.NumberFormat(currentLanguage(), {
        signDisplay: 'exceptZero',
        maximumFractionDigits: 3,
    }).format(milliseconds / 1000);
}
