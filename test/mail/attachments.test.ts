import { describe, expect, it } from 'vitest';
import { type AttachmentSource, loadAttachments, MAX_ATTACHMENT_BYTES } from '../../src/mail/attachments.ts';

const NOW = 1_790_000_000_000;

/** Files with these sizes, by file key. `reads` lists the file keys that were read. */
function source(sizes: Record<string, number>, filename = 'report.pdf') {
  const reads: string[] = [];
  const files: AttachmentSource & { reads: string[] } = {
    reads,
    stat: async (fileKey) =>
      sizes[fileKey] === undefined ? undefined : { size: sizes[fileKey], contentType: 'text/plain', filename },
    async read(fileKey) {
      reads.push(fileKey);
      const size = sizes[fileKey];
      return size === undefined ? undefined : { bytes: new Uint8Array(Math.min(size, 8)) };
    },
  };
  return files;
}

describe('attachments', () => {
  it('have the filename and the media type of the file, unless the mail gives others', async () => {
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
    ['a"\r\nBcc: b@example.org', 'a"__Bcc: b@example.org'],
    ['', 'attachment'],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('have a harmless filename although the uploader gave %j', async (uploaded, filename) => {
    const { enclosures, release } = await loadAttachments(source({ a: 1 }, uploaded), [{ file: 'a' }], NOW);
    release();

    expect(enclosures[0]?.filename).toBe(filename);
  });

  it('that do not exist make the mail fail for good; the error names the file key', async () => {
    const loading = loadAttachments(source({ a: 1 }), [{ file: 'a' }, { file: 'uploads/none' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'file_not_found' });
    await expect(loading).rejects.toThrow('uploads/none');
    await expect(loadAttachments(undefined, [{ file: 'a' }], NOW)).rejects.toMatchObject({ code: 'file_not_found' });
  });

  it('that look like programs make the mail fail for good, unless the mail gives another name', async () => {
    const files = source({ a: 1 }, 'setup.exe');
    const loading = loadAttachments(files, [{ file: 'a' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'attachment_type_refused' });
    await expect(loading).rejects.toThrow('The file a ends with .exe');
    expect(files.reads).toEqual([]);
    (await loadAttachments(files, [{ file: 'a', filename: 'setup.exe.zip' }], NOW)).release();
  });

  it('of 0 bytes make the mail fail for good; the error names the file key, and no file is read', async () => {
    const files = source({ a: 1, 'uploads/empty': 0 });
    const loading = loadAttachments(files, [{ file: 'a' }, { file: 'uploads/empty' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'attachment_empty' });
    await expect(loading).rejects.toThrow('uploads/empty has 0 bytes');
    expect(files.reads).toEqual([]);
  });

  it('that are too large together make the mail fail for good, and are not read', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES, b: 1 });
    const loading = loadAttachments(files, [{ file: 'a' }, { file: 'b' }], NOW);

    await expect(loading).rejects.toMatchObject({ permanent: true, code: 'attachments_too_large' });
    await expect(loading).rejects.toThrow('10000001 bytes together; at most 10000000 bytes can be sent.');
    expect(files.reads).toEqual([]);
  });

  it('wait for those of other mails in the isolate, so that all together stay below the limit of one mail', async () => {
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

  it('of an invocation that died are released after a minute', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES });
    const dead = await loadAttachments(files, [{ file: 'a' }], NOW);
    await expect(loadAttachments(files, [{ file: 'a' }], NOW + 59_000)).rejects.toMatchObject({ code: 'busy' });

    const next = await loadAttachments(files, [{ file: 'a' }], NOW + 60_000);
    next.release();
    dead.release();
  });

  it('that are deleted while they are read are released', async () => {
    const files = source({ a: MAX_ATTACHMENT_BYTES });
    const vanishing = { ...files, read: async () => undefined };
    await expect(loadAttachments(vanishing, [{ file: 'a' }], NOW)).rejects.toMatchObject({ code: 'file_not_found' });

    (await loadAttachments(files, [{ file: 'a' }], NOW)).release();
  });
});
