import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles, FileTooLarge, isOutput, outputKey } from '../../src/files/index.ts';

const files = createFiles(env.FILES);
const about = { filename: 'a.txt', contentType: 'text/plain' };
const upload = () => files.upload(new Uint8Array(10), about);

describe('reading a file', () => {
  it('refuses a file that does not fit into memory, before any byte is read', async () => {
    const { key } = await upload();

    await expect(files.read(key, { maxBytes: 9 })).rejects.toThrow(FileTooLarge);
    expect((await files.read(key, { maxBytes: 10 }))?.bytes.length).toBe(10);
  });
});

describe('deleting', () => {
  it('takes any number of file keys, and leaves objects that are not files', async () => {
    const made = await Promise.all([upload(), upload()]);
    await env.FILES.put('payloads/kept', 'x');

    await files.delete([...made.map(({ key }) => key), 'uploads/none', 'payloads/kept']);

    expect(await Promise.all(made.map(({ key }) => files.stat(key)))).toEqual([undefined, undefined]);
    expect(await env.FILES.head('payloads/kept')).not.toBeNull();
  });
});

describe('a file key', () => {
  it('of an output is made of the room and all parts', async () => {
    const one = await outputKey('data', ['a', { b: 1 }], 'json');

    expect(one).toMatch(/^outputs\/data\/[0-9a-f]{64}\.json$/);
    expect(await outputKey('data', ['a', { b: 1 }], 'json')).toBe(one);
    expect(await outputKey('data', ['a', { b: 2 }], 'json')).not.toBe(one);
  });

  it('of an upload does not contain its filename, and is not an output', async () => {
    const { key } = await files.upload(new Uint8Array(1), { ...about, filename: '../../secret.txt' });

    expect(key).toMatch(/^uploads\/[0-9a-f-]{36}$/);
    expect(isOutput(key)).toBe(false);
  });

  it('must begin with a prefix of files', async () => {
    await env.FILES.put('payloads/x', 'x');

    expect(await files.stat('payloads/x')).toBeUndefined();
    expect(await files.read('payloads/x')).toBeUndefined();
    expect(await files.open('payloads/x', new Headers())).toBeUndefined();
  });
});

describe('opening a file', () => {
  it('gives the whole file or a span of it', async () => {
    const { key } = await files.upload(new TextEncoder().encode('0123456789'), about);
    const textOf = async (span?: { offset: number; length: number }) => {
      const object = await files.open(key, new Headers(), span);
      return object && 'body' in object ? await new Response(object.body).text() : undefined;
    };

    expect(await textOf()).toBe('0123456789');
    expect(await textOf({ offset: 2, length: 3 })).toBe('234');
  });

  it('gives no body when a condition is not met', async () => {
    const { key, etag } = await upload();

    expect(await files.open(key, new Headers({ 'if-none-match': etag }))).not.toHaveProperty('body');
  });
});

describe('listing', () => {
  it('continues after an empty page that is not the last one', async () => {
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
