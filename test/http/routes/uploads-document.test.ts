import { PDFDocument } from '@cantoo/pdf-lib';
import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { anAdminKey, call, finish, problemOf, reply } from '../../support/worker.ts';

interface Accepted {
  filename: string;
  status: string;
  task_id: string;
  file: string;
}

const key = await anAdminKey();

function upload(content: Uint8Array | string | undefined, fields: Record<string, string> = {}, filename = 'a.csv') {
  const form = new FormData();
  if (content !== undefined) form.append('file', new File([content], filename, { type: 'application/pdf' }));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return call('POST /upload/document', { key, body: form });
}

describe('POST /upload/document', () => {
  it('keeps the file and extracts what it holds', async () => {
    const accepted = await reply<Accepted>(202, upload('a,b\n1,2\n3,4\n', { max_rows: '1' }));
    const task = await finish(key, accepted.task_id);

    expect(accepted).toMatchObject({ filename: 'a.csv', status: 'processing' });
    expect(accepted.file).toMatch(/^uploads\//);
    expect(task).toMatchObject({ name: 'document.extract', status: 'SUCCESS' });
    expect(task.result).toMatchObject({ kind: 'csv', facts: { rows_total: 2 }, content: { rows: [[1, 2]] } });
    const served = await call(`GET /files/${accepted.file}`, { key });
    expect(served.headers.get('content-type')).toBe('text/csv');
    expect(await served.text()).toBe('a,b\n1,2\n3,4\n');
  });

  it('reads a table as the fields of the form say', async () => {
    const finished = async (content: Uint8Array | string, fields: Record<string, string>) =>
      (await finish(key, (await reply<Accepted>(202, upload(content, fields))).task_id)).result;
    const cyrillic = Uint8Array.of(0xe8, 0x5e, 0xff, 0x0a, 0x31, 0x5e, 0x32);
    const names = (...columns: string[]) => ({ facts: { columns: columns.map((name) => ({ name })) } });

    expect(await finished('2024,2025\n2026,1\n', { header: 'true' })).toMatchObject(names('2024', '2025'));
    expect(await finished('a,b\n1,2\n', { header: 'false' })).toMatchObject({ facts: { rows_total: 2 } });
    expect(await finished(cyrillic, { encoding: 'cp1251', delimiter: '^' })).toMatchObject(names('и', 'я'));
    expect(await finished('[a]\t[b]\n1\t2\n', { delimiter: '\t' })).toMatchObject({
      kind: 'csv',
      ...names('[a]', '[b]'),
    });
    const workbook = await writeXlsx({
      sheets: [
        { name: 'One', rows: [['a'], [1]] },
        { name: '2024', rows: [['b'], [2]] },
      ],
    });
    for (const sheet of ['2024', '2'])
      expect(await finished(workbook, { sheet })).toMatchObject({ facts: { sheet: '2024' }, content: { rows: [[2]] } });
  });

  it('opens an encrypted PDF with the password', async () => {
    const doc = await PDFDocument.create();
    doc.addPage([200, 200]).drawText('secret', { x: 20, y: 100 });
    doc.encrypt({ userPassword: 'sesame', ownerPassword: 'x', permissions: {} });
    const bytes = await doc.save();
    const finished = async (fields: Record<string, string>) =>
      finish(key, (await reply<Accepted>(202, upload(bytes, fields, 'a.pdf'))).task_id);

    expect((await finished({ password: 'sesame' })).result).toMatchObject({ content: { pages: ['secret'] } });
    expect(await finished({})).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'encrypted_pdf' } });
    expect(await finished({ password: 'no' })).toMatchObject({ status: 'FAILURE', error: { code: 'wrong_password' } });
  });

  it.each([
    ['empty_file', ''],
    ['unsupported_document', '\u0001\u0002\u0000'],
  ])('accepts what it cannot read; the task then says %s', async (code, content) => {
    const { task_id } = await reply<Accepted>(202, upload(content));

    expect(await finish(key, task_id)).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code } });
  });

  it('refuses a form without a file, and options out of range', async () => {
    expect(await problemOf(upload(undefined))).toMatchObject({ status: 422, errors: [{ path: 'file' }] });
    expect(await problemOf(upload('a', { max_rows: '-1' }))).toMatchObject({
      status: 422,
      errors: [{ path: 'max_rows' }],
    });
    for (const [path, value] of [
      ['header', 'yes'],
      ['delimiter', ';;'],
      ['delimiter', '"'],
      ['encoding', 'klingon'],
      ['sheet', ''],
    ] as const)
      expect(await problemOf(upload('a', { [path]: value }))).toMatchObject({ status: 422, errors: [{ path }] });
    expect((await problemOf(upload('a', { sheets: '2' }))).errors?.[0]?.message).toContain('"sheets"');
    expect(await problemOf(upload('a', {}, '../a.csv'))).toMatchObject({ status: 422, errors: [{ path: 'file' }] });
    expect((await problemOf(call('POST /upload/document', { key, json: {} }))).status).toBe(415);
  });
});
