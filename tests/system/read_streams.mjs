// What three outsiders' readers make of a version that lies in a folder under the names of its addresses: m3u8-parser of the
// playlists, mpd-parser of the manifest, mp4box of every byte.  Prints facts a rendition as JSON; a warning is a fault.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Parser } from 'm3u8-parser';
import { createFile } from 'mp4box';
import { parse } from 'mpd-parser';

const folder = process.argv[2];
const faults = [];
const renditions = {};
const text = (name) => readFileSync(path.join(folder, name), 'utf8');

function facts(name) {
    renditions[name] ??= {};
    return renditions[name];
}

function readPlaylist(name) {
    const parser = new Parser();
    for (const event of ['warn', 'info'])
        parser.on(event, (said) => { if (event === 'warn') faults.push(`${name}: ${said.message}`); });
    parser.push(text(name));
    parser.end();
    return parser.manifest;
}

function readMedia(name) {
    const manifest = readPlaylist(name);
    if (!manifest.endList || !manifest.targetDuration || !manifest.segments.length)
        faults.push(`${name}: no end, no target or no segment`);
    for (const segment of manifest.segments)
        if (Math.round(segment.duration) > manifest.targetDuration)
            faults.push(`${name}: a segment of ${segment.duration} s`);
    return manifest;
}

function readFragments(rendition) {
    const pieces = [readFileSync(path.join(folder, rendition, 'init.mp4'))];
    for (let n = 0; existsSync(path.join(folder, rendition, `${n}.m4s`)); n++)
        pieces.push(readFileSync(path.join(folder, rendition, `${n}.m4s`)));
    const file = createFile();
    file.onError = (module, message) => faults.push(`${rendition}: ${module}: ${message}`);
    let at = 0;
    for (const piece of pieces) {
        const buffer = piece.buffer.slice(piece.byteOffset, piece.byteOffset + piece.length);
        buffer.fileStart = at;
        at += piece.length;
        file.appendBuffer(buffer);
    }
    file.flush();
    const [track] = file.getInfo().tracks;
    const samples = file.getTrackSamplesInfo(track.id);
    return {
        codec: track.codec, timescale: track.timescale, samples: samples.length,
        starts: file.moofs.map((moof) => moof.trafs[0].tfdt.baseMediaDecodeTime),
        ticks: samples.reduce((sum, sample) => sum + sample.duration, 0),
        size: track.video ? `${track.video.width}x${track.video.height}` : null,
    };
}

const master = readPlaylist('master.m3u8');
const sounds = Object.values(master.mediaGroups.AUDIO).flatMap((group) => Object.values(group).map((one) => one.uri));
const captions = Object.values(master.mediaGroups.SUBTITLES).flatMap((group) => Object.values(group).map((one) => one.uri));
for (const name of new Set([...master.playlists.map((one) => one.uri), ...sounds])) {
    const rendition = path.dirname(name);
    const { segments } = readMedia(name);
    facts(rendition).hls = { durations: segments.map((one) => one.duration), addresses: segments.map((one) => one.uri) };
    facts(rendition).mp4 = readFragments(rendition);
}
for (const name of captions)
    readMedia(name);
for (const { uri } of master.iFramePlaylists ?? []) {
    const { segments, iFramesOnly } = readMedia(uri);
    if (!iFramesOnly)
        faults.push(`${uri}: not a list of I-frames`);
    facts(path.dirname(uri)).keys = segments.map((one) => one.byterange);
}
for (const variant of master.playlists)
    for (const name of ['BANDWIDTH', 'AVERAGE-BANDWIDTH', 'CODECS'])
        if (!variant.attributes[name])
            faults.push(`${variant.uri}: no ${name}`);
if (!master.independentSegments)
    faults.push('segments are not said to be independent');

const manifest = parse(text('manifest.mpd'), {
    manifestUri: 'https://example.org/manifest.mpd',
    eventHandler: (event) => { if (event.type === 'warn') faults.push(`manifest.mpd: ${event.message}`); },
});
const dashSounds = Object.values(manifest.mediaGroups.AUDIO).flatMap((group) => Object.values(group));
for (const one of [...manifest.playlists, ...dashSounds.flatMap((sound) => sound.playlists)])
    facts(one.attributes.NAME).dash = {
        durations: one.segments.map((segment) => segment.duration), addresses: one.segments.map((segment) => segment.uri),
        bandwidth: one.attributes.BANDWIDTH, codecs: one.attributes.CODECS,
    };
console.log(JSON.stringify({
    duration: manifest.duration, renditions, faults,
    languages: dashSounds.map((sound) => sound.language),
    captions: Object.values(manifest.mediaGroups.SUBTITLES).flatMap((group) => Object.keys(group)).length,
}));
