// A multipart form for a schema: its files are small, some are what the route wants, and some are not.
import type { Dice } from './dice.ts';
import { junkText, mutate } from './mutate.ts';
import type { Sampler } from './sample.ts';

const BOUNDARY = 'errand-fuzz';
/** One grey pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);
/** Every route with a form takes it. */
const PIXEL = { name: 'pixel.png', bytes: PNG };
const FILES = [
  PIXEL,
  { name: 'table.csv', bytes: Buffer.from('a,b\n1,2\n3,"four"\n') },
  { name: 'data.json', bytes: Buffer.from('{"a":[1,2,3]}') },
  { name: 'lines.ndjson', bytes: Buffer.from('{"a":1}\n{"a":2}\n') },
  { name: 'empty', bytes: Buffer.alloc(0) },
  { name: 'noise.bin', bytes: Buffer.from([0, 255, 1, 254, 2, 253]) },
  { name: 'naïve "quoted".txt', bytes: Buffer.from('text') },
];

/** `mayBeWrong`: fields may be left out, doubled or wrong. */
export function makeForm(
  schema: object,
  mayBeWrong: boolean,
  { dice, sampler }: { dice: Dice; sampler: Sampler },
): { headers: Record<string, string>; body: Uint8Array } {
  const value = sampler.sample(schema, dice) as Record<string, unknown>;
  const form = (mayBeWrong && dice.chance(0.7) ? mutate(value, dice) : value) as object;
  const parts = Object.entries(form ?? {}).flatMap(([name, field]) =>
    name === 'file'
      ? filesFor(field, mayBeWrong ? FILES : [PIXEL], dice)
      : [part(name, fieldText(field, mayBeWrong, dice))],
  );
  const end = Buffer.from(`--${BOUNDARY}--\r\n`);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([...parts, end]),
  };
}

function filesFor(field: unknown, files: typeof FILES, dice: Dice): Buffer[] {
  const count = Array.isArray(field) ? field.length : 1;
  return Array.from({ length: count }, () => {
    const { name, bytes } = dice.pick(files);
    return part('file', bytes, `; filename="${encodeURIComponent(name)}"`);
  });
}

function part(name: string, content: string | Buffer, about = ''): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${encodeURIComponent(name)}"${about}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')]);
}

function fieldText(value: unknown, mayBeWrong: boolean, dice: Dice): string {
  if (mayBeWrong && dice.chance(0.2)) return junkText(dice);
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
