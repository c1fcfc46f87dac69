import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/documents/index.ts';
import { OPTIONS, refusal, sourceOf } from './source.ts';

describe('readDocument', () => {
  it.each([
    ['csv', 'a,b\n1,2\n'],
    ['json', '{"a":1}'],
    ['ndjson', '{"a":1}\n{"a":2}\n'],
  ])('reads a %s by its bytes', async (kind, content) => {
    expect((await readDocument(sourceOf(content), OPTIONS)).kind).toBe(kind);
  });

  it('refuses a document of more than 200 MB before it opens it', async () => {
    const source = { size: 200_000_001, open: () => Promise.reject(new Error('must not be opened')) };

    expect(await refusal(readDocument(source, OPTIONS))).toMatchObject({ code: 'document_too_large' });
  });
});
