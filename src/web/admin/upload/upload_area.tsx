import { useRef, useState } from 'preact/hooks';
import { Icon } from '../../shared/components/icon';
import { SelectField } from '../../shared/components/field';
import { languageName } from '../../shared/staff/names';
import { currentLanguage, t } from '../../shared/text';

const spokenLanguages = ['en', 'ja', 'vi', 'mn', 'km', 'ur', 'id', 'th', 'lo', 'my', 'zh', 'ko'];

/** Where files are dropped or chosen. */
export function UploadArea({ onFiles }: { onFiles: (files: File[], spoken: string) => void }) {
    const [over, setOver] = useState(false);
    const [spoken, setSpoken] = useState<string>(currentLanguage());
    const input = useRef<HTMLInputElement>(null);
    const take = (files: FileList | null | undefined) => {
        if (files && files.length > 0) onFiles([...files], spoken);
    };
    return (
        <section
            class={`upload-area${over ? ' upload-over' : ''}`}
            aria-label={t('upload.title')}
            onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
                event.preventDefault();
                setOver(false);
                take(event.dataTransfer?.files);
            }}>
            <div class="upload-words">
                <p class="upload-title">{t('upload.drop_here')}</p>
                <p class="soft">{t('upload.hint')}</p>
            </div>
            <SelectField
                label={t('upload.spoken')}
                name="spoken"
                value={spoken}
                onChange={setSpoken}
                options={spokenLanguages.map((code) => ({ value: code, label: languageName(code) }))}
            />
            <label class="button button-primary upload-choose">
                <Icon name="upload" />
                {t('upload.choose')}
                <input
                    ref={input}
                    id="upload-input"
                    class="visually-hidden"
                    type="file"
                    multiple
                    onChange={(event) => {
                        take(event.currentTarget.files);
                        /* So that the same file can be chosen again after a refusal. */
                        event.currentTarget.value = '';
                    }}
                />
            </label>
        </section>
    );
}
