/*
 * hls.js from its published sources rather than its bundles: the bundles carry DRM, advertisement, MPEG-TS and subtitle
 * machinery that Lectern's streams (CMAF, captions by <track>) never use, 61 KB more after brotli. docs/player.md has the figures.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/* hls.js's own build switches (its src/define-plugin.d.ts). */
const switches = {
    ALT_AUDIO: true,
    SUBTITLES: false,
    EME_DRM: false,
    CMCD: false,
    CONTENT_STEERING: false,
    VARIABLE_SUBSTITUTION: false,
    M2TS_ADVANCED_CODECS: false,
    MEDIA_CAPABILITIES: false,
    INTERSTITIALS: false,
    IFRAMES: false,
};

/* Modules that nothing refers to once their switch is off, but that imports would still pull in. */
const unused = [
    /\/eme-controller$/,
    /\/cmcd-controller$/,
    /\/timeline-controller$/,
    /\/subtitle-track-controller$/,
    /\/subtitle-stream-controller$/,
    /\/content-steering-controller$/,
    /\/variable-substitution$/,
    /\/interstitials?-[a-z-]+$/,
    /\/(image-)?iframe-[a-z-]+$/,
    /^@svta\/cml-cmcd$/,
];

/*
 * Containers that never come. The transmuxer asks the fragmented MP4 demuxer first; these would say no anyway. Only its imports
 * are turned aside: the pass-through remuxer shares two helpers with the real MP4 remuxer.
 */
const otherContainers = [
    /\/tsdemuxer$/,
    /\/aacdemuxer$/,
    /\/ac3-demuxer$/,
    /\/mp3demuxer$/,
    /\/mp4-remuxer$/,
];
const otherContainer =
    'export default class Never { static probe() { return false; } }\nexport { Never as AC3Demuxer };';

export function hlsSource(root) {
    const folder = path.join(root, 'node_modules/hls.js');
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return {
        name: 'hls-source',
        setup(build) {
            build.initialOptions.define = { ...build.initialOptions.define, ...definitions(version) };
            build.onResolve({ filter: /^hls\.js$/ }, () => ({ path: path.join(folder, 'src/hls.ts') }));
            build.onResolve({ filter: /.*/ }, ({ path: name, importer }) => {
                if (!importer.startsWith(folder)) return undefined;
                if (unused.some((pattern) => pattern.test(name)))
                    return { path: name, namespace: 'hls-unused', sideEffects: false };
                if (
                    importer.endsWith('/transmuxer.ts') &&
                    otherContainers.some((pattern) => pattern.test(name))
                )
                    return { path: name, namespace: 'hls-other-container' };
                return undefined;
            });
            build.onLoad({ filter: /.*/, namespace: 'hls-unused' }, () => ({
                contents: 'module.exports = {};',
                loader: 'js',
            }));
            build.onLoad({ filter: /.*/, namespace: 'hls-other-container' }, () => ({
                contents: otherContainer,
                loader: 'js',
            }));
            build.onEnd(({ metafile }) => {
                const used = usedAfterAll(metafile);
                return {
                    errors: used.map((name) => ({
                        text: `hls.js still uses ${name}: take it off the list in hls_source.mjs`,
                    })),
                };
            });
        },
    };
}

/** An emptied module that something still refers to would fail in the browser only: a new hls.js must not bring that unnoticed. */
function usedAfterAll(metafile) {
    const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
    return [
        ...new Set(
            inputs
                .filter(([name, { bytesInOutput }]) => name.startsWith('hls-unused:') && bytesInOutput > 0)
                .map(([name]) => name),
        ),
    ];
}

function definitions(version) {
    const flags = Object.entries(switches).map(([name, on]) => [`__USE_${name}__`, String(on)]);
    return {
        ...Object.fromEntries(flags),
        __VERSION__: JSON.stringify(version),
        __IN_WORKER__: 'false',
        __HLS_WORKER_BUNDLE__: 'undefined',
    };
}
