// JSON: one value, read whole. JSON lines: a value a line, read as a stream.
import { DocumentError } from '../document-error.ts';
import { MAX_JSON_BYTES, MAX_LINE_CHARACTERS } from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import { createProfile, type JsonType, type ProfileFacts, typeOf } from './profile.ts';
import { scanJson } from './scan.ts';

/** `types` and `keys` are those of the items of an array, or of the value itself. */
export interface JsonFacts extends ProfileFacts {
  type: JsonType;
  /** Items of an array, keys of an object; null for anything else. */
  length: number | null;
  depth: number;
}

export interface NdjsonFacts extends ProfileFacts {
  /** Lines that are not blank. */
  lines: number;
  invalid_lines: number;
  /** Counted from 1, blank ones too. */
  first_invalid_line: number | null;
  depth: number;
}

export interface JsonReport<Facts> {
  facts: Facts;
  content: { sample: unknown[] };
}

/** Throws DocumentError `document_too_large`, `invalid_json`. */
export async function readJson(source: Source): Promise<JsonReport<JsonFacts>> {
  const text = new TextDecoder().decode(await readWhole(source, MAX_JSON_BYTES, 'a JSON document'));
  const { depth } = scanJson(text);
  const value = parse(text);
  const profile = createProfile();
  for (const item of Array.isArray(value) ? value : [value]) profile.add(item);
  const length = typeof value === 'object' && value !== null ? Object.keys(value).length : null;
  return { facts: { type: typeOf(value), length, depth, ...profile.facts() }, content: { sample: profile.sample() } };
}

/** Throws DocumentError `field_too_large`, `document_too_large`, and `invalid_json` when no line is JSON. */
export async function readNdjson(
  source: Source,
  { onProgress, signal }: ReadOptions,
): Promise<JsonReport<NdjsonFacts>> {
  const profile = createProfile();
  const counts = { lines: 0, invalid_lines: 0, first_invalid_line: null as number | null, depth: 0 };
  let number = 0;
  for await (const { line, bytesRead } of linesOf(await source.open())) {
    number++;
    if (number % 1_000 === 0) {
      signal?.throwIfAborted();
      onProgress?.(Math.min(bytesRead, source.size), source.size);
    }
    if (line.trim() === '') continue;
    counts.lines++;
    counts.depth = Math.max(counts.depth, scanJson(line).depth);
    try {
      profile.add(JSON.parse(line));
    } catch {
      counts.invalid_lines++;
      counts.first_invalid_line ??= number;
    }
  }
  if (counts.invalid_lines === counts.lines) throw new DocumentError('invalid_json', 'none of the lines is JSON');
  return { facts: { ...counts, ...profile.facts() }, content: { sample: profile.sample() } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the fault.
    const reason = error instanceof Error ? error.message.slice(0, 300) : String(error);
    throw new DocumentError('invalid_json', `the text begins like JSON and is none: ${reason}`, { cause: error });
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<{ line: string; bytesRead: number }> {
  const decoder = new TextDecoder();
  let rest = '';
  let bytesRead = 0;
  for await (const chunk of stream) {
    bytesRead += chunk.length;
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new DocumentError('field_too_large', `a line has more than ${MAX_LINE_CHARACTERS} characters`);
    for (const line of parts) yield { line, bytesRead };
  }
  if (rest !== '') yield { line: rest, bytesRead };
}
