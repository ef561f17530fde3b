import { request } from '../shared/api';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { ProblemNotice } from '../shared/components/problem_notice';
import { languageName } from '../shared/staff/names';
import { useAction } from '../shared/staff/use_action';
import type { Lecture, Sound } from '../shared/staff_types';
import { t } from '../shared/text';
import { OffsetField, offsetOf } from './offset_field';

interface Properties {
    lecture: Lecture;
    sound: Sound;
    onClose: () => void;
    onMoved: () => void;
}

export function MoveSoundDialog({ lecture, sound, onClose, onMoved }: Properties) {
    const moving = useAction();
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const offset = offsetOf(new FormData(event.currentTarget as HTMLFormElement));
        const done = await moving.run(() =>
            request('PATCH', `/lectures/${lecture.id}/sounds/${sound.language}`, { body: { offset_ms: offset } }),
        );
        if (!done) return;
        onMoved();
        onClose();
    };
    return (
        <Dialog title={t('admin.move_sound_of', { language: languageName(sound.language) })} onClose={onClose}>
            <form class="form" onSubmit={(event) => void submit(event)}>
                <OffsetField value={sound.offset_ms} />
                {moving.problem && <ProblemNotice problem={moving.problem} />}
                <div class="row row-end">
                    <Button kind="quiet" onClick={onClose}>
                        {t('shared.cancel')}
                    </Button>
                    <Button kind="primary" type="submit" busy={moving.busy}>
                        {t('admin.move_sound')}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
