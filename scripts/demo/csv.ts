// Scenario: a CSV file of 10,000 rows. A task detects its delimiter and types, and computes statistics of every column.
import { expect } from '../api.ts';
import { duration } from '../terminal.ts';
import type { Scenario } from './scenario.ts';

const ROWS = 10_000;

interface Extracted {
  kind: string;
  facts: {
    delimiter: string;
    rows_total: number;
    rows_kept: number;
    columns: { name: string; type: string; nulls: number; min?: number; max?: number; mean?: number }[];
  };
  content: { rows: unknown[][] };
}

export const scenario: Scenario = {
  title: 'A CSV file of 10,000 rows is read',
  async run(api, show) {
    const lines = Array.from(
      { length: ROWS },
      (_, row) => `${row + 1};"Zoë, no. ${row}";2026-11-24;${row % 4 ? 'true' : ''}`,
    );
    const form = new FormData();
    form.set('file', new Blob([`number;name;day;checked\r\n${lines.join('\r\n')}\r\n`]), 'people.csv');
    form.set('max_rows', '3');
    show('uploading');
    const startedAt = performance.now();
    const { status, body } = await api.call<{ task_id: string }>('POST', '/upload/document', form);
    expect(status === 202, `status 202, got ${status}`);
    const task = await api.follow(body.task_id, (seen) => show(seen.status));
    const took = performance.now() - startedAt;
    expect(task.status === 'SUCCESS', `SUCCESS, got ${task.status}: ${JSON.stringify(task.error)}`);
    const { kind, facts, content } = task.result as Extracted;
    expect(kind === 'csv' && facts.delimiter === ';', `a CSV file with semicolons, got ${JSON.stringify(facts)}`);
    expect(
      facts.rows_total === ROWS && facts.rows_kept === 3,
      `${ROWS} rows of which 3 are kept, got ${JSON.stringify(facts)}`,
    );
    const types = facts.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
    expect(
      types === 'number number, name string, day date, checked boolean',
      `the types number, string, date and boolean, got ${types}`,
    );
    const [number, , , checked] = facts.columns;
    expect(
      number?.mean === (ROWS + 1) / 2 && number.max === ROWS,
      `the correct mean and maximum, got ${JSON.stringify(number)}`,
    );
    expect(checked?.nulls === ROWS / 4, `${ROWS / 4} empty values, got ${JSON.stringify(checked)}`);
    const first = JSON.stringify(content.rows[0]);
    expect(first === '[1,"Zoë, no. 0","2026-11-24",null]', `typed values in the first row, got ${first}`);
    return {
      taskId: task.task_id,
      status: task.status,
      detail: `It took ${duration(took)} from the upload to the statistics of 4 columns.`,
    };
  },
};
