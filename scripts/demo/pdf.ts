// Scenario: one task writes a report as a PDF, another reads its text back. The text is the same, with all Unicode characters.
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
  title: 'A PDF is written and read back',
  async run(api, show) {
    const { status, headers, body } = await api.post<{ task_id: string }>('/documents', model);
    expect(status === 202, `status 202, got ${status}`);
    expect(headers.get('location') === `/tasks/${body.task_id}`, 'the address of the task in the Location header');
    const written = await api.follow(body.task_id, (task) => show(`writing: ${task.status}`));
    expect(written.status === 'SUCCESS', `SUCCESS, got ${written.status}: ${JSON.stringify(written.error)}`);
    const { key, pages, bytes, missing_characters } = written.result as Written;
    expect(
      pages === 2 && missing_characters === 0,
      `2 pages without missing characters, got ${JSON.stringify(written.result)}`,
    );
    const file = await api.bytes(`/files/${key}`);
    expect(
      file.bytes.length === bytes && file.type === 'application/pdf',
      `${bytes} bytes of application/pdf, got ${file.bytes.length} bytes of ${file.type}`,
    );
    const reading = await api.post<{ task_id: string }>('/tasks', { name: 'document.extract', input: { file: key } });
    const read = await api.follow(reading.body.task_id, (task) => show(`reading: ${task.status}`));
    expect(read.status === 'SUCCESS', `SUCCESS, got ${read.status}: ${JSON.stringify(read.error)}`);
    const texts = (read.result as { content: { pages: string[] } }).content.pages;
    for (const word of WORDS) expect(texts[0]?.includes(word) ?? false, `${word} on page 1, got ${texts[0]}`);
    for (const [index, text] of texts.entries()) {
      expect(/^(A report[\s\S]*)?Name\s+Squared/.test(text), `the table header on page ${index + 1}, got ${text}`);
      expect(text.includes(`${index + 1} / 2`), `the page number on page ${index + 1}, got ${text}`);
    }
    expect(texts[1]?.includes(`row ${ROWS} ${ROWS ** 2}`) ?? false, `the last row on page 2, got ${texts[1]}`);
    return {
      taskId: read.task_id,
      status: read.status,
      detail: `The PDF has ${pages} pages, ${Math.round(bytes / 1000)} kB and the same text.`,
    };
  },
};
