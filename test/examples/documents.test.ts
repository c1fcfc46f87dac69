import { describe, expect, it } from 'vitest';
import { invoiceDocument, sampleInvoice } from '../../examples/invoice.ts';
import { reportDocument, sampleStations } from '../../examples/report.ts';
import { findTask, useEngine } from '../../src/engine/manage.ts';
import { extractDocument, writeDocument } from '../../src/tasks/index.ts';
import { makeEngine } from '../support/engine.ts';

type Model = Parameters<typeof writeDocument.delay>[0];

/** Writes the document and reads it back, each by its task. */
async function printed(model: Model): Promise<{ pages: string[]; outline: { title: string; level: number }[] }> {
  const engine = await makeEngine([writeDocument, extractDocument]);
  useEngine(engine);
  const resultOf = async <Result>(id: string) => {
    await engine.drain();
    const task = await findTask(engine, id);
    expect(task.error, JSON.stringify(task.error)).toBeUndefined();
    const { json = '', key = '' } = task.result as { json?: string; key?: string };
    return JSON.parse(json || ((await engine.payloads.get(key)) ?? '')) as Result;
  };
  const written = await resultOf<{ key: string }>((await writeDocument.delay(model)).taskId);
  type Read = { content: { pages: string[] }; facts: { outline: { title: string; level: number }[] } };
  const { content, facts } = await resultOf<Read>((await extractDocument.delay({ file: written.key })).taskId);
  return { pages: content.pages, outline: facts.outline };
}

describe('the examples of docs/guides/documents.md', () => {
  it('the invoice is one page with every item and the right total', async () => {
    const { pages } = await printed(invoiceDocument(sampleInvoice));

    expect(pages).toHaveLength(1);
    for (const part of ['Lovelace & Söhne', 'Käthe-Paulus-Straße 7', '“Notes on the Engine”', '€5,771.74', '1 / 1']) {
      expect(pages[0]).toContain(part);
    }
  });

  it('the report has several pages, an outline, and every station once', async () => {
    const { pages, outline } = await printed(reportDocument(2026, sampleStations(120)));

    expect(pages).toHaveLength(6);
    expect(outline.map(({ title, level }) => `${level} ${title}`)).toEqual([
      '1 Summary',
      '2 What is measured',
      '2 How it is checked',
      '1 All stations',
      '1 Terms',
    ]);
    const text = pages.join('\n');
    for (const { name } of sampleStations(120)) expect(text).toMatch(new RegExp(`^${name}\\s`, 'm'));
  });
});
