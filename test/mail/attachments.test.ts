import { describe, expect, it } from 'vitest';
import { type AttachmentSource, loadAttachments, MAX_ATTACHMENT_BYTES } from '../../src/mail/attachments.ts';

const NOW = 1_790_000_000_000;

/** Files of so many bytes, by key; `reads` counts what was read. */
function source(sizes: Record<string, number>, filename = 'report.pdf') {
  const reads: string[] = [];
  const files: AttachmentSource & { reads: string[] } = {
    reads,
    stat: async (key) =>
      sizes[key] === undefined ? undefined : { size: sizes[key], contentType: 'text/plain', filename },
    async read(key) {
      reads.push(key);
      return sizes[key] === undefined ? undefined : { bytes: new Uint8Array(Math.min(sizes[key], 8)) };
    },
  };
  return files;
}

describe('attachments', () => {
  it('are called and typed as their file is, unless the mail says otherwise', async () => {
    const wanted = [{ file: 'a' }, { file: 'a', filename: 'b.csv', content_type: 'text/csv', content_id: 'c' }];
    const { enclosures, release } = await loadAttachments(source({ a: 3 }), wanted, NOW);
    release();

    expect(enclosures.map(({ bytes: _, ...about }) => about)).toEqual([
      { filename: 'report.pdf', contentType: 'text/plain', contentId: undefined },
      { filename: 'b.csv', contentType: 'text/csv', contentId: 'c' },
    ]);
  });

  it.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['a"\r\nBcc: b@example.com', 'a"__Bcc: b@example.com'],
    ['', 'attachment'],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('have a harmless name, whatever the uploader called them: %j', async (uploaded, filename) => {
    const { enclosures, release } = await loadAttachments(source({ a: 1 }, uploaded), [{ file: 'a' }], NOW);
    release();

    expect(enclosures[0]?.filename).toBe(filename);
  });

  it('that are not there fail the mail for good, and say which', async () => {
    const loading = loadAttachments(source({ a: 1 }), [{ file: 'a' }, { file: 'uploads/none' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'file_not_found' });
    await expect(loading).rejects.toThrow('uploads/none');
    await expect(loadAttachments(undefined, [{ file: 'a' }], NOW)).rejects.toMatchObject({ code: 'file_not_found' });
  });

  it('that are too large together fail the mail for good, unread', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES, b: 1 });
    const loading = loadAttachments(files, [{ file: 'a' }, { file: 'b' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'attachments_too_large' });
    await expect(loading).rejects.toThrow('10000001 bytes together; at most 10000000');
    expect(files.reads).toEqual([]);
  });

  it('wait for others in the isolate, so that all together hold no more than one mail may', async () => {
    const files = source({ a: 6_000_000, b: 4_000_000, c: 1 });
    const first = await loadAttachments(files, [{ file: 'a' }], NOW);
    const second = await loadAttachments(files, [{ file: 'b' }], NOW);

    const third = loadAttachments(files, [{ file: 'c' }], NOW);
    await expect(third).rejects.toMatchObject({ permanent: false, fault: false, code: 'busy', retryAfterSeconds: 5 });
    second.release();
    (await loadAttachments(files, [{ file: 'c' }], NOW)).release();
    first.release();

    expect(files.reads).toEqual(['a', 'b', 'c']);
  });

  it('of an invocation that died are forgotten after a minute', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES });
    const dead = await loadAttachments(files, [{ file: 'a' }], NOW);
    await expect(loadAttachments(files, [{ file: 'a' }], NOW + 59_000)).rejects.toMatchObject({ code: 'busy' });

    const next = await loadAttachments(files, [{ file: 'a' }], NOW + 60_000);
    next.release();
    dead.release();
  });

  it('that vanish while they are read hold nothing afterwards', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES });
    const vanishing = { ...files, read: async () => undefined };
    await expect(loadAttachments(vanishing, [{ file: 'a' }], NOW)).rejects.toMatchObject({ code: 'file_not_found' });

    (await loadAttachments(files, [{ file: 'a' }], NOW)).release();
  });
});
