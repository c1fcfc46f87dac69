import { PDFDocument } from '@cantoo/pdf-lib';
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
    expect((await problemOf(upload('a', { sheet: '2' }))).errors?.[0]?.message).toContain('"sheet"');
    expect(await problemOf(upload('a', {}, '../a.csv'))).toMatchObject({ status: 422, errors: [{ path: 'file' }] });
    expect((await problemOf(call('POST /upload/document', { key, json: {} }))).status).toBe(415);
  });
});
