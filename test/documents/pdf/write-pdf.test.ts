import { describe, expect, it } from 'vitest';
import { DocumentModel, writePdf } from '../../../src/documents/index.ts';
import { refusal } from '../source.ts';
import { asset } from './cases.ts';
import { noPictures, roundTrip, write } from './writing.ts';

describe('writePdf', () => {
  it('writes text of many scripts that is read back without changes', async () => {
    const text = 'ÄÖÜ äöü ß € Ω Ж ✓ “quotes” – fi ffi 1/2';
    const { texts, pages, missingCharacters } = await roundTrip({ blocks: [{ type: 'paragraph', text }] });

    expect(texts[0]).toContain(text);
    expect({ pages, missingCharacters }).toEqual({ pages: 1, missingCharacters: 0 });
  });

  it('writes equal bytes for equal documents', async () => {
    const model = { title: 'Same', blocks: [{ type: 'paragraph', text: 'always' }] };

    expect((await write(model)).bytes).toEqual((await write(model)).bytes);
  });

  it('writes a table of 20,000 rows, reports progress, and stops when it is aborted', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [index, `name ${index}`, 'a few words', '1,234.50']);
    const columns = [{ header: 'No' }, { header: 'Name' }, { header: 'Note' }, { header: 'Sum' }];
    const model = DocumentModel().parse({ blocks: [{ type: 'table', columns, rows }] });
    const steps: number[] = [];
    const { pages } = await writePdf(model, { asset, loadPicture: noPictures, onProgress: (done) => steps.push(done) });
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('revoked'));

    expect(pages).toBeGreaterThan(500);
    expect(steps.length).toBeGreaterThan(100);
    expect(
      await refusal(writePdf(model, { asset, loadPicture: noPictures, onProgress, signal: controller.signal })),
    ).toEqual(new Error('revoked'));
  });
});
