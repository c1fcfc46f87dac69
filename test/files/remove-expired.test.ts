import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/index.ts';

const files = createFiles(env.FILES);
const about = { filename: 'a.txt', contentType: 'text/plain' };
const upload = () => files.upload(new Uint8Array(10), about);

describe('removing expired files', () => {
  it('deletes older files in portions, and says when none is left', async () => {
    for (const { key } of (await files.list('outputs/', { limit: 100 })).files) await files.delete([key]);
    for (let n = 0; n < 5; n++) await files.write(`outputs/test/${n}`, new Uint8Array(n + 1), about);
    const later = Date.now() + 60_000;

    const first = await files.removeExpired('outputs/', later, undefined, 2);
    const second = await files.removeExpired('outputs/', later, first.cursor, 2);
    const third = await files.removeExpired('outputs/', later, second.cursor, 2);

    expect(first).toEqual({ deleted: 2, cursor: 'outputs/test/1' });
    expect(second).toEqual({ deleted: 2, cursor: 'outputs/test/3' });
    expect(third).toEqual({ deleted: 1 });
    expect((await files.list('outputs/', { limit: 10 })).files).toEqual([]);
  });

  it('keeps younger files, and objects under other prefixes', async () => {
    const kept = [await upload(), await files.write('outputs/test/kept', new Uint8Array(1), about)];
    await env.FILES.put('payloads/kept', 'x');

    expect(await files.removeExpired('uploads/', Date.now() - 60_000)).toEqual({ deleted: 0 });
    expect(await files.removeExpired('outputs/', Date.now() - 60_000)).toEqual({ deleted: 0 });
    await files.removeExpired('uploads/', Date.now() + 60_000);

    expect(await files.stat(kept[0]!.key)).toBeUndefined();
    expect(await files.stat(kept[1]!.key)).toBeDefined();
    expect(await env.FILES.head('payloads/kept')).not.toBeNull();
  });

  it('deletes more files than R2 lists in one call', { timeout: 60_000 }, async () => {
    await Promise.all(
      Array.from({ length: 1010 }, (_, n) => env.FILES.put(`uploads/many-${String(n).padStart(4, '0')}`, 'x')),
    );

    const later = Date.now() + 60_000;
    const first = await files.removeExpired('uploads/', later);
    const second = await files.removeExpired('uploads/', later, first.cursor);

    expect(first.deleted).toBe(1000);
    expect(second.deleted).toBeGreaterThanOrEqual(10);
    expect(second.cursor).toBeUndefined();
    expect((await files.list('uploads/', { limit: 1 })).files).toEqual([]);
  });
});
