/*
 * 'locale:program/en' is a module with the texts that one area of pages needs in one language, so that a participant on a
 * weak link does not load the admin's texts. The part of a key before the first dot says where it is used.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const areas = {
    program: ['shared', 'problem', 'program'],
    player: ['shared', 'problem', 'player'],
    access: ['shared', 'problem', 'access'],
    certificate: ['shared', 'problem', 'certificate'],
    organizer: ['shared', 'problem', 'staff', 'organizer'],
    admin: ['shared', 'problem', 'staff', 'admin', 'upload', 'finding', 'repair'],
};

export function localeAreas(folder) {
    return {
        name: 'locale-areas',
        setup(build) {
            build.onResolve({ filter: /^locale:/ }, ({ path: name }) => ({
                path: name.slice('locale:'.length),
                namespace: 'locale',
            }));
            build.onLoad({ filter: /.*/, namespace: 'locale' }, async ({ path: name }) => {
                const [area, language] = name.split('/');
                const file = path.join(folder, `${language}.json`);
                const texts = JSON.parse(await readFile(file, 'utf8'));
                const wanted = Object.entries(texts).filter(([key]) =>
                    areas[area].includes(key.split('.')[0]),
                );
                return {
                    contents: `export default ${JSON.stringify(Object.fromEntries(wanted))}`,
                    loader: 'js',
                    watchFiles: [file],
                };
            });
        },
    };
}
