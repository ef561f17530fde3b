/* tus-js-client and Uppy as npm ships them, with their default settings, in Chromium, against the real server. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { Person } from './chromium.mjs';
import { CutLine } from './cut_line.mjs';
import { House, root, waitUntil } from './house.mjs';

const endpoint = '/api/v1/uploads';
/* How an MP4 begins whose index comes last: for all that one can see, it may be a lecture. */
const bytes = Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42\x7f\0\0\0mdat', 'latin1'), randomBytes(2 << 20)]);
let house, admin, clients, desk;

before(async () => {
    house = await House.open();
    admin = await house.addStaff('admin');
    await house.start();
    const built = await build({
        stdin: {
            contents: `import Uppy from '@uppy/core'; import UppyTus from '@uppy/tus'; import { Upload } from 'tus-js-client';
                Object.assign(globalThis, { Uppy, UppyTus, Upload });`,
            resolveDir: root,
        },
        bundle: true, format: 'iife', platform: 'browser', write: false, logLevel: 'error',
    });
    clients = built.outputFiles[0].text;
    desk = await Person.sitDown(house);
    await desk.signIn(admin);
});
after(async () => {
    await desk.leave();
    await house.close();
});

/** The page then knows the clients and has the file, under the names asked for. */
async function load(desk, names) {
    await desk.page.evaluate(clients);
    await desk.page.evaluate(({ text, names }) => {
        const parts = [Uint8Array.from(atob(text), (one) => one.charCodeAt(0))];
        globalThis.files = names.map((name) => new File(parts, name, { type: 'video/mp4', lastModified: 1 }));
    }, { text: bytes.toString('base64'), names });
}

async function lecturesNamed(desk, name) {
    const { body: { lectures } } = await desk.ask('/lectures');
    return lectures.filter((lecture) => lecture.file_name === name);
}

/** One lecture came of it, of the very bytes. */
async function assertArrived(desk, name) {
    const found = await lecturesNamed(desk, name);
    assert.equal(found.length, 1, `${name} became ${found.length} lectures`);
    assert.equal(found[0].file.sha256, createHash('sha256').update(bytes).digest('hex'));
}

const tusUpload = ([options, index]) => new Promise((done, failed) => {
    globalThis.upload = new Upload(files[index], {
        endpoint: '/api/v1/uploads', metadata: { filename: files[index].name },
        onSuccess: () => done('done'), onError: failed, ...options,
    });
    globalThis.upload.start();
});

test('tus-js-client sends files, by itself, in chunks, in parallel and with the creation', { timeout: 360000 }, async () => {
    const ways = { whole: {}, chunks: { chunkSize: 700000 }, parallel: { parallelUploads: 3 },
        first: { uploadDataDuringCreation: true }, late: { uploadLengthDeferred: true, chunkSize: 700000 } };
    const names = Object.keys(ways).map((way) => `tus-${way}.mp4`);
    await load(desk, names);
    for (const [index, options] of Object.values(ways).entries())
        assert.equal(await desk.page.evaluate(tusUpload, [options, index]), 'done', names[index]);
    for (const name of names)
        await assertArrived(desk, name);
    assert.deepEqual((await desk.ask('/uploads')).body.uploads, []);
});

test('Uppy sends several files at once', { timeout: 360000 }, async () => {
    const names = ['uppy-1.mp4', 'uppy-2.mp4', 'uppy-3.mp4'];
    await load(desk, names);
    const result = await desk.page.evaluate(async (endpoint) => {
        const uppy = new Uppy().use(UppyTus, { endpoint });
        for (const file of files)
            uppy.addFile({ name: file.name, type: file.type, data: file });
        const { successful, failed } = await uppy.upload();
        return { sent: successful.length, failed: failed.map((file) => String(file.error)) };
    }, endpoint);
    assert.deepEqual(result, { sent: 3, failed: [] });
    for (const name of names)
        await assertArrived(desk, name);
});

test('a broken line and a closed page cost only what was on its way', { timeout: 360000 }, async () => {
    const line = await CutLine.open(house.port, 900000);
    const url = `https://localhost:${line.port}`;
    const far = await Person.sitDown(house);
    await far.signIn(admin, url);
    await load(far, ['tus-again.mp4']);
    const before = line.sent;
    void far.page.evaluate(tusUpload, [{}, 0]).catch(() => undefined);
    await waitUntil('some of the file', () => line.sent - before > bytes.length * 0.3, 120000);
    line.cut();
    await waitUntil('more of the file', () => line.sent - before > bytes.length * 0.6, 120000);
    await far.page.goto(`${url}/admin`);
    await load(far, ['tus-again.mp4']);
    const outcome = await far.page.evaluate(() => new Promise((done, failed) => {
        const upload = new Upload(files[0], { endpoint: '/api/v1/uploads', metadata: { filename: files[0].name },
            onSuccess: () => done('done'), onError: failed });
        upload.findPreviousUploads().then((found) => {
            upload.resumeFromPreviousUpload(found[0]);
            upload.start();
        });
    }));
    assert.equal(outcome, 'done');
    assert.ok(line.sent - before < bytes.length * 1.5, `${line.sent - before} bytes for ${bytes.length}`);
    await assertArrived(far, 'tus-again.mp4');
    await far.leave();
    await line.close();
});

test('what is no lecture is refused while it is sent, and no client tries again', { timeout: 360000 }, async () => {
    let creations = 0;
    desk.page.on('request', (request) => {
        creations += request.method() === 'POST' && request.url().endsWith(endpoint) ? 1 : 0;
    });
    const said = await desk.page.evaluate(async (endpoint) => {
        const parts = ['PK\x03\x04', ...Array.from({ length: 64 }, () => new Uint8Array(1 << 20))];
        globalThis.files = [new File(parts, 'letter.mp4', { type: 'video/mp4' })];
        const byTus = await new Promise((done) => {
            new Upload(files[0], { endpoint, onSuccess: () => done('sent'), onError: (error) => done({
                status: error.originalResponse?.getStatus(), body: error.originalResponse?.getBody() }) }).start();
        });
        const uppy = new Uppy().use(UppyTus, { endpoint });
        uppy.addFile({ name: 'letter.mp4', type: 'video/mp4', data: files[0] });
        const { failed } = await uppy.upload();
        return { byTus, byUppy: failed.length };
    }, endpoint);
    assert.equal(said.byTus.status, 422, JSON.stringify(said));
    assert.match(said.byTus.body, /archive/);
    assert.equal(said.byUppy, 1);
    assert.equal(creations, 2);
    assert.deepEqual((await desk.ask('/uploads')).body.uploads, []);
    desk.faults.length = 0; /* Uppy says what failed on the console */
});
