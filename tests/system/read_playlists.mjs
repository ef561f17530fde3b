// Reads playlists with m3u8-parser, an outsider's reader: any warning is a fault.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Parser } from 'm3u8-parser';

let faults = 0;
function complain(file, what) {
    faults += 1;
    console.error(`${path.basename(file)}: ${what}`);
}

for (const file of process.argv.slice(2)) {
    const parser = new Parser();
    parser.on('warn', (event) => complain(file, `warning: ${event.message}`));
    parser.push(readFileSync(file, 'utf8'));
    parser.end();
    const { manifest } = parser;
    if (path.basename(file) === 'master.m3u8') {
        if (!manifest.playlists?.length) complain(file, 'no variant');
        for (const variant of manifest.playlists ?? [])
            for (const name of ['BANDWIDTH', 'AVERAGE-BANDWIDTH', 'CODECS'])
                if (!variant.attributes[name]) complain(file, `a variant without ${name}`);
        if (!manifest.independentSegments) complain(file, 'segments are not said to be independent');
        continue;
    }
    if (!manifest.endList) complain(file, 'no end');
    if (!manifest.targetDuration) complain(file, 'no target duration');
    if (!manifest.segments.length) complain(file, 'no segment');
    for (const segment of manifest.segments)
        if (Math.round(segment.duration) > manifest.targetDuration) complain(file, `a segment of ${segment.duration} s`);
}
process.exit(faults ? 1 : 0);
