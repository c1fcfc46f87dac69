import { env } from 'cloudflare:workers';
import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/index.ts';
import { aCase } from '../documents/pdf/cases.ts';
import { aPng } from '../support/photos.ts';
import { anAdminKey, call, run } from '../support/worker.ts';

interface Extracted {
  kind: string;
  source: { file: string; filename: string; bytes: number };
  facts: Record<string, unknown>;
  content: Record<string, unknown> | null;
  content_file: string | null;
}

const key = await anAdminKey();
const files = createFiles(env.FILES);

async function extract(content: string | Uint8Array, options: object = {}, filename = 'a.bin') {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const { key: file } = await files.upload(bytes, { filename, contentType: 'application/octet-stream' });
  return run(key, 'document.extract', { ...options, file });
}

const resultOf = (task: { result: unknown }) => task.result as Extracted;

describe('document.extract', () => {
  it('reads the text, the numbers and the properties that document.pdf wrote', async () => {
    const text = 'ÄÖÜ ß € Ω Ж ✓ “quotes”';
    const columns = [{ header: 'Item' }, { header: 'Sum', align: 'right' }];
    const rows = [
      ['one', '1,234.50'],
      ['two', -7],
    ];
    const blocks = [
      { type: 'heading', text: 'Chapter' },
      { type: 'paragraph', text },
      { type: 'table', columns, rows },
    ];
    const { key: file } = (await run(key, 'document.pdf', { title: 'Round', blocks })).result as { key: string };
    const task = await run(key, 'document.extract', { file });
    const { kind, facts, content } = resultOf(task);
    const page = (content as { pages: string[] }).pages[0];

    expect({ kind, title: facts.title, outline: facts.outline }).toEqual({
      ...{ kind: 'pdf', title: 'Round', outline: [{ title: 'Chapter', level: 1, page: 1 }] },
    });
    expect(page).toContain(text);
    expect(page).toMatch(/one\s+1,234\.50\s+two\s+-7/);
  });

  it('reads a Japanese PDF, and stores the files that are attached to a PDF', async () => {
    const japanese = resultOf(await extract(aCase('hand-90ms')));
    const doc = await PDFDocument.create();
    doc.addPage();
    await doc.attach(new TextEncoder().encode('<invoice/>'), 'factur-x.xml', {});
    const { facts } = resultOf(await extract(await doc.save()));
    const [attached] = facts.attachments as { file: string }[];
    const served = await call(`GET /files/${attached?.file}`, { key });

    expect(japanese.content).toMatchObject({ pages: ['請求書 合計金額 東京都\nTotal 12345'] });
    expect(facts).toMatchObject({
      losses: [],
      attachments: [{ name: 'factur-x.xml', type: 'application/xml', bytes: 10, file: expect.any(String) }],
    });
    expect(new TextDecoder().decode(await served.arrayBuffer())).toBe('<invoice/>');
  });

  it('reads a table, and writes the rows of a large table to a file', async () => {
    const small = resultOf(await extract('a,b\n1,x\n', {}, 'small.csv'));
    const line = `${'x'.repeat(999)},1\n`;
    const large = resultOf(await extract(`a,b\n${line.repeat(2_000)}`, { max_rows: 2_000 }, 'large.csv'));
    const served = await call(`GET /files/${large.content_file}`, { key });

    expect(small).toMatchObject({ kind: 'csv', source: { filename: 'small.csv', bytes: 8 }, content_file: null });
    expect(small.content).toEqual({ rows: [[1, 'x']] });
    expect(large).toMatchObject({ kind: 'csv', content: null, facts: { rows_total: 2_000, rows_kept: 2_000 } });
    expect(((await served.json()) as { rows: unknown[] }).rows).toHaveLength(2_000);
    expect(served.headers.get('content-disposition')).toContain('large.json');
  });

  it('reads a file by its bytes: a picture with the filename of a PDF', async () => {
    expect(resultOf(await extract(aPng(20, 10, [1, 2, 3, 255]), {}, 'scan.pdf'))).toMatchObject({
      kind: 'image',
      facts: { format: 'png', width: 20, height: 10, orientation: 1 },
      content: null,
    });
  });

  it('sums up JSON and JSON lines', async () => {
    expect(resultOf(await extract('{"a": 1}')).kind).toBe('json');
    expect(resultOf(await extract('{"a": 1}\n{"a": 2}\n')).kind).toBe('ndjson');
  });

  it.each([
    ['empty_file', ''],
    ['unsupported_document', 'MZ\u0090\u0000'],
    ['invalid_pdf', '%PDF-1.7 and then nothing'],
    ['invalid_xlsx', 'PK\u0003\u0004 and then nothing'],
    ['invalid_json', '{"a": '],
    ['invalid_csv', 'a,b\n1,"2'],
    ['broken_image', '\u0089PNG\r\n\u001a\n'],
  ])('fails once with %s, and other tasks in the isolate succeed', async (code, text) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const [bad, good] = await Promise.all([extract(bytes), extract('a,b\n1,2\n')]);

    expect(bad).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code } });
    expect(bad.error?.message.length).toBeGreaterThan(20);
    expect(good.status).toBe('SUCCESS');
  });

  it('fails once when the file does not exist', async () => {
    expect(await run(key, 'document.extract', { file: 'uploads/none' })).toMatchObject({
      ...{ status: 'FAILURE', attempts: 1, error: { code: 'file_not_found' } },
    });
  });
});
