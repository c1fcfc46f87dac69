import { describe, expect, it } from 'vitest';
import { readHead, readWhole, tooManyBytes } from '../../src/documents/source.ts';
import { sourceOf } from './source.ts';

describe('a source', () => {
  it('gives its first bytes, or all of them', async () => {
    expect(await readHead(sourceOf('abcdef'), 3)).toEqual(new TextEncoder().encode('abc'));
    expect(await readHead(sourceOf('abc'), 10)).toEqual(new TextEncoder().encode('abc'));
    expect(await readHead(sourceOf(''), 10)).toHaveLength(0);
    expect(await readWhole(sourceOf('abc', 1), 3, 'A text')).toEqual(new TextEncoder().encode('abc'));
  });

  it('that is too large is not read', async () => {
    await expect(readWhole(sourceOf('abcd'), 3, 'A text')).rejects.toMatchObject({ code: 'document_too_large' });
  });

  it('that is too large is reported in megabytes, or in bytes when megabytes look equal', () => {
    expect(tooManyBytes('A PDF', 30_000_000, 45_000_000).message).toBe('A PDF may have 30 MB; this one has 45 MB.');
    expect(tooManyBytes('A PDF', 30_000_000, 30_000_001).message).toContain('30,000,001 bytes');
  });
});
