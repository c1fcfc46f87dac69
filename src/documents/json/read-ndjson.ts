// Reads JSON lines, one value per line, as a stream.
import { DocumentError } from '../document-error.ts';
import { type Decoding, decoded, type EncodingFacts, readDecoded } from '../encoding.ts';
import { MAX_LINE_CHARACTERS } from '../limits.ts';
import { HEAD_BYTES } from '../sniff.ts';
import { type ReadOptions, readHead, type Source } from '../source.ts';
import { type NumberFacts, numberFacts, parseJson } from './lost-numbers.ts';
import { createProfile, type ProfileFacts } from './profile.ts';
import { scanJson } from './scan.ts';

export interface NdjsonFacts extends ProfileFacts, NumberFacts, EncodingFacts {
  /** Lines that are not blank. */
  lines: number;
  invalid_lines: number;
  /** The number of the line, counted from 1, including blank lines; null when all lines are valid. */
  first_invalid_line: number | null;
  depth: number;
}

export interface NdjsonReport {
  kind: 'ndjson';
  facts: NdjsonFacts;
  content: { sample: unknown[] };
}

/** @throws DocumentError `field_too_large`, `document_too_large`, and `invalid_json` when no line is JSON */
export async function readNdjson(source: Source, options: ReadOptions): Promise<NdjsonReport> {
  const head = await readHead(source, HEAD_BYTES);
  return readDecoded(head, options.encoding, (decoding, encoded) => readAs(source, options, decoding, encoded));
}

async function readAs(
  source: Source,
  { onProgress, signal }: ReadOptions,
  decoding: Decoding,
  encoded: EncodingFacts,
): Promise<NdjsonReport> {
  const profile = createProfile();
  const counts = { lines: 0, invalid_lines: 0, first_invalid_line: null as number | null, depth: 0 };
  let number = 0;
  let lost = 0;
  for await (const { line, bytesRead } of linesOf(await source.open(), decoding)) {
    number++;
    if (number % 1_000 === 0) {
      signal?.throwIfAborted();
      onProgress?.(Math.min(bytesRead, source.size), source.size);
    }
    if (line.trim() === '') continue;
    counts.lines++;
    const record = parse(line);
    if (record) {
      profile.add(record.value);
      lost += record.lost;
      counts.depth = Math.max(counts.depth, record.depth);
    } else {
      counts.invalid_lines++;
      counts.first_invalid_line ??= number;
    }
  }
  if (counts.invalid_lines === counts.lines)
    throw new DocumentError('invalid_json', 'None of the lines is valid JSON.');
  const facts = { ...counts, ...profile.facts(), ...numberFacts(lost), ...encoded };
  return { kind: 'ndjson', facts, content: { sample: profile.sample() } };
}

/** The value, its depth and its lost integers; undefined when the line is not JSON. */
function parse(line: string): { value: unknown; lost: number; depth: number } | undefined {
  const { depth } = scanJson(line);
  try {
    return { ...parseJson(line), depth };
  } catch {
    return undefined;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  decoding: Decoding,
): AsyncGenerator<{ line: string; bytesRead: number }> {
  let rest = '';
  let bytesRead = 0;
  for await (const { text, chunk } of decoded(stream, decoding)) {
    bytesRead += chunk.length;
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield { line: limited(line), bytesRead };
    limited(rest);
  }
  if (rest !== '') yield { line: rest, bytesRead };
}

function limited(line: string): string {
  if (line.length > MAX_LINE_CHARACTERS)
    throw new DocumentError('field_too_large', `A line has more than ${MAX_LINE_CHARACTERS} characters.`);
  return line;
}
