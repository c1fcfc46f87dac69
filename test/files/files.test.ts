import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import {
  createFiles,
  derivedFilename,
  FileTooLarge,
  faultOfFilename,
  InvalidDigest,
  readDigests,
} from '../../src/files/index.ts';

const files = createFiles(env.FILES);
const about = { filename: 'a.txt', contentType: 'text/plain' };
const upload = () => files.upload(new Uint8Array(10), about);
const DIGEST = btoa(String.fromCharCode(...new Uint8Array(32)));
const MD5 = btoa(String.fromCharCode(...new Uint8Array(16)));

describe('reading a file', () => {
  it('refuses what does not fit into memory, before it is read', async () => {
    const { key } = await upload();

    await expect(files.read(key, { maxBytes: 9 })).rejects.toThrow(FileTooLarge);
    expect((await files.read(key, { maxBytes: 10 }))?.bytes.length).toBe(10);
  });
});

describe('deleting', () => {
  it('takes any number of keys, those of files only', async () => {
    const made = await Promise.all([upload(), upload()]);
    await env.FILES.put('payloads/kept', 'x');

    await files.delete([...made.map(({ key }) => key), 'uploads/none', 'payloads/kept']);

    expect(await Promise.all(made.map(({ key }) => files.stat(key)))).toEqual([undefined, undefined]);
    expect(await env.FILES.head('payloads/kept')).not.toBeNull();
  });
});

describe('removing expired files', () => {
  it('deletes what is older, a portion at a time, and says when nothing is left', async () => {
    for (const { key } of (await files.list('outputs/', { limit: 100 })).files) await files.delete([key]);
    for (let n = 0; n < 5; n++) await files.write(`outputs/test/${n}`, new Uint8Array(n + 1), about);
    const later = Date.now() + 60_000;

    const first = await files.removeExpired('outputs/', later, 2);
    const second = await files.removeExpired('outputs/', later, 2, first.cursor);
    const third = await files.removeExpired('outputs/', later, 2, second.cursor);

    expect(first).toEqual({ deleted: 2, bytes: 3, done: false, cursor: 'outputs/test/1' });
    expect(second).toEqual({ deleted: 2, bytes: 7, done: false, cursor: 'outputs/test/3' });
    expect(third).toEqual({ deleted: 1, bytes: 5, done: true });
    expect((await files.list('outputs/', { limit: 10 })).files).toEqual([]);
  });

  it('leaves what is younger, and what is not under the prefix', async () => {
    const kept = [await upload(), await files.write('outputs/test/kept', new Uint8Array(1), about)];
    await env.FILES.put('payloads/kept', 'x');

    expect(await files.removeExpired('uploads/', Date.now() - 60_000, 1000)).toEqual({
      deleted: 0,
      bytes: 0,
      done: true,
    });
    expect(await files.removeExpired('outputs/', Date.now() - 60_000, 1000)).toMatchObject({ deleted: 0, done: true });
    await files.removeExpired('uploads/', Date.now() + 60_000, 1000);

    expect(await files.stat(kept[0]!.key)).toBeUndefined();
    expect(await files.stat(kept[1]!.key)).toBeDefined();
    expect(await env.FILES.head('payloads/kept')).not.toBeNull();
  });

  it('goes over more files than R2 lists at once', { timeout: 60_000 }, async () => {
    await Promise.all(
      Array.from({ length: 1010 }, (_, n) => env.FILES.put(`uploads/many-${String(n).padStart(4, '0')}`, 'x')),
    );

    const removal = await files.removeExpired('uploads/', Date.now() + 60_000, 5000);

    expect(removal).toMatchObject({ done: true });
    expect(removal.deleted).toBeGreaterThanOrEqual(1010);
    expect((await files.list('uploads/', { limit: 1 })).files).toEqual([]);
  });
});

describe('a name', () => {
  it.each(['photo.jpg', 'Übermut – 写真 (1)*.jpg', '👩‍👩‍👧.png', 'a"b.txt', '.env', 'x'.repeat(200)])(
    'may be %.30s',
    (name) => {
      expect(faultOfFilename(name)).toBeUndefined();
    },
  );

  it.each([
    '',
    ' ',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a\0b',
    'a\r\nb',
    'a\x7f',
    'gpj.\u202eexe',
    'a\u2028b',
    'a\tb',
    'gpj.\u200eexe',
    'gpj.\u200fexe',
    'gpj.\u061cexe',
    'x'.repeat(201),
    'a\ud800',
  ])('may not be %j', (name) => {
    expect(faultOfFilename(name)).toMatch(/^must /);
  });
});

describe('a name that is too long', () => {
  const long = `${'x'.repeat(196)}.jpg`;

  it('is cut before its extension', async () => {
    const kept = async (filename: string) => (await files.upload(new Uint8Array(1), { ...about, filename })).filename;

    expect(await kept(`x${long}`)).toBe(long);
    expect(await kept(long)).toBe(long);
    expect(await kept(`a.${'x'.repeat(300)}`)).toBe(`a.${'x'.repeat(198)}`);
    expect(await kept('x'.repeat(300))).toBe('x'.repeat(200));
  });

  it('leaves room for what is said of a file that was made of it', () => {
    expect(derivedFilename('photo.jpeg', '-50x40.png')).toBe('photo-50x40.png');
    expect(derivedFilename('photo', '.json')).toBe('photo.json');
    expect(derivedFilename(long, '-500x375.jpg')).toBe(`${'x'.repeat(188)}-500x375.jpg`);
  });
});

describe('listing', () => {
  it('goes on behind an empty page that is not the last one', async () => {
    const { key } = await upload();
    const object = (await env.FILES.head(key))!;
    const pages = [
      { objects: [], truncated: true, cursor: 'further' },
      { objects: [object], truncated: true, cursor: 'end' },
    ];
    const asked: unknown[] = [];
    const bucket = {
      list: async (options: R2ListOptions) => {
        asked.push(options.cursor ?? options.startAfter);
        return pages[asked.length - 1];
      },
    };
    const page = await createFiles(bucket as unknown as R2Bucket).list('uploads/', { limit: 1, after: 'uploads/0' });

    expect(page).toMatchObject({ files: [{ key }], truncated: true });
    expect(asked).toEqual(['uploads/0', 'further']);
  });
});

describe('digests of a request', () => {
  it.each([
    ['Content-Digest', `sha-256=:${DIGEST}:`, ['sha256']],
    ['Content-Digest', `unixsum=:MTIz:, sha-256=:${DIGEST}:`, ['sha256']],
    ['Content-Digest', 'crc32c=:AAAAAA==:', []],
    ['Digest', `SHA-256=${DIGEST},MD5=${MD5}`, ['sha256', 'md5']],
    ['Content-MD5', MD5, ['md5']],
  ])('are read from %s: %s', (header, value, algorithms) => {
    expect(readDigests(new Headers({ [header]: value })).map(({ algorithm }) => algorithm)).toEqual(algorithms);
  });

  it.each([
    ['Content-Digest', 'sha-256=abc'],
    ['Content-Digest', 'sha-256=:not base64!:'],
    ['Content-Digest', `sha-256=:${MD5}:`],
    ['Digest', 'nonsense'],
    ['Content-MD5', 'abc'],
    ['Content-MD5', ''],
  ])('are refused when malformed: %s: %s', (header, value) => {
    expect(() => readDigests(new Headers({ [header]: value }))).toThrow(InvalidDigest);
  });
});
