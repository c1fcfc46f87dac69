// data.validate, data.process, data.save: the three tasks of the chain that POST /process enqueues.
import { z } from 'zod';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { outputKey } from '../files/index.ts';
import { lazy } from '../lazy.ts';

const data = lazy(() => z.record(z.string(), z.json()));

/** Refuses an empty object and blank keys. */
export const validateData = defineTask({
  name: 'data.validate',
  input: () => z.object({ data: data() }),
  output: () => z.object({ data: data() }),
  run({ data }) {
    if (Object.keys(data).length === 0)
      throw new PermanentFailure('The data is an empty object. Send at least one field.', 'invalid_data');
    if (Object.keys(data).some((name) => name.trim() === ''))
      throw new PermanentFailure('A field of the data has a blank name. Give each field a name.', 'invalid_data');
    return { data };
  },
});

/** Trims every text, sorts the fields of every object, and counts fields, texts and numbers, at every depth. */
export const processData = defineTask({
  name: 'data.process',
  input: () => z.object({ data: data() }),
  output: () => z.object({ data: data(), summary: z.object({ fields: z.int(), texts: z.int(), numbers: z.int() }) }),
  run({ data }) {
    const summary = { fields: 0, texts: 0, numbers: 0 };
    const tidy = (value: z.core.util.JSONType): z.core.util.JSONType => {
      if (typeof value === 'string') summary.texts++;
      if (typeof value === 'number') summary.numbers++;
      if (typeof value === 'string') return value.trim();
      if (Array.isArray(value)) return value.map(tidy);
      return typeof value === 'object' && value !== null ? tidyRecord(value) : value;
    };
    const tidyRecord = (record: Record<string, z.core.util.JSONType>) => {
      const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
      summary.fields += entries.length;
      return Object.fromEntries(entries.map(([name, value]) => [name, tidy(value)]));
    };
    return { data: tidyRecord(data), summary };
  },
});

/** Stores the data as a JSON file. The same data has the same file key. */
export const saveData = defineTask({
  name: 'data.save',
  input: () => z.object({ data: data(), summary: z.unknown() }),
  output: () => z.object({ file: z.string(), bytes: z.int(), summary: z.unknown() }),
  queue: 'files',
  async run({ data, summary }, { services }) {
    const bytes = new TextEncoder().encode(JSON.stringify(data, null, 2));
    const fileKey = await outputKey('data', [data], 'json');
    await services.files.write(fileKey, bytes, { filename: 'data.json', contentType: 'application/json' });
    return { file: fileKey, bytes: bytes.byteLength, summary };
  },
});
