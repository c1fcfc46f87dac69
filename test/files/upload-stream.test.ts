import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { sameBytes } from '../../src/files/digest.ts';
import { createFiles, DigestMismatch } from '../../src/files/index.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const files = createFiles(env.FILES);
const SIZE = 1_000_000;
const bytes = new Uint8Array(SIZE).map((_, at) => (at * 31) & 255);

/** A stream of the bytes in pieces, as from a network. It breaks after `breakAt` bytes. */
function pieces(content: Uint8Array, { piece = 65_536, breakAt = Number.POSITIVE_INFINITY } = {}): ReadableStream {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (at >= breakAt) return controller.error(new Error('the caller went away'));
      if (at < content.length) controller.enqueue(content.slice(at, at + piece));
      at += piece;
      if (at >= content.length) controller.close();
    },
  });
}

async function keys(): Promise<string[]> {
  return (await env.FILES.list({ prefix: 'uploads/' })).objects.map(({ key }) => key);
}

const hash = async (name: string, content = bytes) => new Uint8Array(await crypto.subtle.digest(name, content));

describe('a streamed upload', () => {
  it.each([7, 4095, 4096, 4097, 65_536])(
    'arrives whole when it comes in pieces of %i bytes',
    async (piece) => {
      const content = bytes.slice(0, piece === 7 ? 9000 : SIZE);

      const { key, size } = await files.uploadStream(pieces(content, { piece }), {
        filename: 'a',
        size: content.length,
      });

      expect(size).toBe(content.length);
      expect(sameBytes((await files.read(key))!.bytes, content)).toBe(true);
    },
    30_000,
  );

  it('may be empty', async () => {
    const file = await files.uploadStream(pieces(new Uint8Array(0)), { filename: 'empty', size: 0 });

    expect(file).toMatchObject({ size: 0, contentType: 'application/octet-stream' });
  });

  it.each([
    ['ends early', SIZE + 1],
    ['is longer than announced', SIZE - 1],
  ])('that %s leaves no object', async (_name, size) => {
    const before = await keys();

    await expect(files.uploadStream(pieces(bytes), { filename: 'a', size })).rejects.toThrow();

    expect(await keys()).toEqual(before);
  });

  it('that breaks in the middle leaves no object', async () => {
    const before = await keys();

    const upload = files.uploadStream(pieces(bytes, { breakAt: 200_000 }), { filename: 'a', size: SIZE });
    await expect(upload).rejects.toThrow();

    expect(await keys()).toEqual(before);
  });

  it.each([
    ['sha256', 'SHA-256'],
    ['sha512', 'SHA-512'],
    ['md5', 'MD5'],
  ] as const)('with the right %s is stored, and with a wrong one it leaves no object', async (algorithm, name) => {
    const value = await hash(name);
    const wrong = value.map((byte) => byte ^ 1);
    const upload = (digest: Uint8Array) =>
      files.uploadStream(pieces(bytes), { filename: 'a', size: SIZE, digests: [{ algorithm, value: digest }] });

    await expect(upload(value)).resolves.toMatchObject({ size: SIZE });
    const before = await keys();
    await expect(upload(wrong)).rejects.toThrow(DigestMismatch);
    expect(await keys()).toEqual(before);
  });

  it('is also checked by its MD5 when it has a stronger digest', async () => {
    const before = await keys();
    const digests = [
      { algorithm: 'sha256', value: await hash('SHA-256') },
      { algorithm: 'md5', value: new Uint8Array(16) },
    ] as const;

    await expect(files.uploadStream(pieces(bytes), { filename: 'a', size: SIZE, digests })).rejects.toThrow(
      DigestMismatch,
    );

    expect(await keys()).toEqual(before);
  });
});
