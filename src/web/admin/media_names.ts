/* libavformat's and libavcodec's names of files and codecs, as people know them. Pure. */
const containers: Record<string, string> = {
    aac: 'AAC',
    aiff: 'AIFF',
    asf: 'Windows Media',
    avi: 'AVI',
    flac: 'FLAC',
    flv: 'Flash Video',
    hls: 'HLS',
    m4a: 'MP4',
    matroska: 'Matroska (MKV)',
    mov: 'QuickTime',
    mp3: 'MP3',
    mp4: 'MP4',
    mpeg: 'MPEG',
    mpegts: 'MPEG-TS',
    mxf: 'MXF',
    ogg: 'Ogg',
    wav: 'WAV',
    webm: 'WebM',
};

const codecs: Record<string, string> = {
    aac: 'AAC',
    ac3: 'Dolby Digital (AC-3)',
    alac: 'Apple Lossless',
    av1: 'AV1',
    eac3: 'Dolby Digital Plus',
    flac: 'FLAC',
    gif: 'GIF',
    h264: 'H.264',
    hevc: 'H.265 (HEVC)',
    mjpeg: 'Motion JPEG',
    mp2: 'MPEG audio (MP2)',
    mp3: 'MP3',
    mpeg1video: 'MPEG-1',
    mpeg2video: 'MPEG-2',
    mpeg4: 'MPEG-4',
    opus: 'Opus',
    prores: 'ProRes',
    theora: 'Theora',
    vc1: 'Windows Media (VC-1)',
    vorbis: 'Vorbis',
    vp8: 'VP8',
    vp9: 'VP9',
    wmav2: 'Windows Media Audio',
    wmv3: 'Windows Media Video',
};

/** libavformat names a family: "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm". */
export function containerName(family: string): string {
    const names = family.split(',');
    const name = names.includes('mp4') ? 'mp4' : (names[0] ?? '');
    return containers[name] ?? name.toUpperCase();
}

/** Uncompressed sound has a name for each size and order of its samples. */
export function codecName(codec: string): string {
    return codec.startsWith('pcm_') ? 'PCM' : (codecs[codec] ?? codec.toUpperCase());
}
