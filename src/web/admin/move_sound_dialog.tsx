import { request } from '../shared/api';
import { FormDialog } from '../shared/components/form_dialog';
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
    const submit = async (form: FormData) => {
        const offset = offsetOf(form);
        const done = await moving.run(() =>
            request('PATCH', `/lectures/${lecture.id}/sounds/${sound.language}`, { body: { offset_ms: offset } }),
        );
        if (!done) return;
        onMoved();
        onClose();
    };
    return (
        <FormDialog
            title={t('admin.move_sound_of', { language: languageName(sound.language) })}
            action={t('admin.move_sound')}
            sending={moving}
            onSubmit={(form) => void submit(form)}
            onClose={onClose}>
            <OffsetField value={sound.offset_ms} />
        </FormDialog>
    );
}
