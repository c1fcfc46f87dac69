// data.validate, data.process, data.save: the links of the seed's chain behind POST /process.
import { z } from 'zod';
import { defineTask, PermanentFailure } from '../engine/index.ts';
import { outputKey } from '../files/index.ts';

const data = z.record(z.string(), z.json());

/** Refuses what has nothing in it, or nothing to call it by. */
export const validateData = defineTask({
  name: 'data.validate',
  input: z.object({ data }),
  output: z.object({ data }),
  run({ data }) {
    if (Object.keys(data).length === 0)
      throw new PermanentFailure('there is no data: the object is empty', 'invalid_data');
    const blank = Object.keys(data).find((key) => key.trim() === '');
    if (blank !== undefined) throw new PermanentFailure('a key of the data is blank', 'invalid_data');
    return { data };
  },
});

/** Trims every text and sorts the keys, all the way down, and counts what is there. */
export const processData = defineTask({
  name: 'data.process',
  input: z.object({ data }),
  output: z.object({ data, summary: z.object({ fields: z.int(), texts: z.int(), numbers: z.int() }) }),
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
      return Object.fromEntries(entries.map(([key, value]) => [key, tidy(value)]));
    };
    return { data: tidyRecord(data), summary };
  },
});

/** Keeps the data as a JSON file; the same data twice is one file. */
export const saveData = defineTask({
  name: 'data.save',
  input: z.object({ data, summary: z.unknown() }),
  output: z.object({ file: z.string(), bytes: z.int(), summary: z.unknown() }),
  queue: 'files',
  async run({ data, summary }, { services }) {
    const bytes = new TextEncoder().encode(JSON.stringify(data, null, 2));
    const key = await outputKey('data', [data], 'json');
    await services.files.write(key, bytes, { filename: 'data.json', contentType: 'application/json' });
    return { file: key, bytes: bytes.byteLength, summary };
  },
});
