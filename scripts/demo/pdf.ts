// Scenario: a report is written as a PDF by one task and read back by another; the text is the same, Unicode and all.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Written {
  key: string;
  pages: number;
  bytes: number;
  missing_characters: number;
}

const ROWS = 60;
const WORDS = ['Käthe-Paulus-Straße 7', '“quotes”', '€ 1,234.50', 'Ω Ж ✓'];

const model = {
  title: 'A report',
  language: 'en',
  footer: { text: 'Errand' },
  blocks: [
    { type: 'title', text: 'A report' },
    { type: 'paragraph', text: WORDS.join(' · ') },
    {
      type: 'table',
      columns: [{ header: 'Name' }, { header: 'Squared', align: 'right' }],
      rows: Array.from({ length: ROWS }, (_, row) => [`row ${row + 1}`, (row + 1) ** 2]),
    },
  ],
};

export const scenario: Scenario = {
  what: 'A PDF is written and read back',
  async run(api, show) {
    const { status, headers, body } = await api.post<{ task_id: string }>('/documents', model);
    expect(status === 202, `202, not ${status}`);
    expect(headers.get('location') === `/tasks/${body.task_id}`, 'the place of its task');
    const written = await api.follow(body.task_id, (task) => show(`writing: ${task.status}`));
    expect(written.status === 'SUCCESS', `SUCCESS, not ${written.status}: ${JSON.stringify(written.error)}`);
    const { key, pages, bytes, missing_characters } = written.result as Written;
    expect(
      pages === 2 && missing_characters === 0,
      `two pages with every character: ${JSON.stringify(written.result)}`,
    );
    const file = await api.bytes(`/files/${key}`);
    expect(file.bytes.length === bytes && file.type === 'application/pdf', `${bytes} bytes of PDF`);
    const reading = await api.post<{ task_id: string }>('/tasks', { name: 'document.extract', input: { file: key } });
    const read = await api.follow(reading.body.task_id, (task) => show(`reading: ${task.status}`));
    expect(read.status === 'SUCCESS', `SUCCESS, not ${read.status}: ${JSON.stringify(read.error)}`);
    const texts = (read.result as { content: { pages: string[] } }).content.pages;
    for (const word of WORDS) expect(texts[0]?.includes(word) ?? false, `${word} in ${texts[0]}`);
    for (const [index, text] of texts.entries()) {
      expect(/^(A report[\s\S]*)?Name\s+Squared/.test(text), `the header of the table on each page: ${text}`);
      expect(text.includes(`${index + 1} / 2`), `page numbers: ${text}`);
    }
    expect(texts[1]?.includes(`row ${ROWS} ${ROWS ** 2}`) ?? false, `the last row: ${texts[1]}`);
    return {
      taskId: read.task_id,
      status: read.status,
      detail: `${pages} pages, ${Math.round(bytes / 1000)} kB, the same text`,
    };
  },
};
