// Reads a JSON document: one value, held in memory as a whole.
import { DocumentError } from '../document-error.ts';
import { decodeText, type EncodingFacts, readDecoded } from '../encoding.ts';
import { MAX_JSON_BYTES } from '../limits.ts';
import { type ReadOptions, readWhole, type Source } from '../source.ts';
import { isLineWise } from './is-line-wise.ts';
import { type NumberFacts, numberFacts, parseJson } from './lost-numbers.ts';
import { createProfile, type JsonType, type ProfileFacts, typeOf } from './profile.ts';
import { type NdjsonReport, readNdjson } from './read-ndjson.ts';
import { scanJson } from './scan.ts';

/** `types` and `keys` describe the items of an array, or the value itself. */
export interface JsonFacts extends ProfileFacts, NumberFacts, EncodingFacts {
  type: JsonType;
  /** The number of items of an array or keys of an object; null for any other value. */
  length: number | null;
  depth: number;
}

export interface JsonReport {
  kind: 'json';
  facts: JsonFacts;
  content: { sample: unknown[] };
}

/**
 * Reads a JSON document. If the text is not one value but most of its lines are records, it is read as JSON lines.
 * @throws DocumentError `document_too_large`, `invalid_json`
 */
export async function readJson(source: Source, options: ReadOptions): Promise<JsonReport | NdjsonReport> {
  const bytes = await readWhole(source, MAX_JSON_BYTES, 'A JSON document');
  const { text, encoded } = await readDecoded(bytes, options.encoding, async (decoding, encoded) => ({
    text: decodeText(bytes, decoding),
    encoded,
  }));
  try {
    return report(text, encoded);
  } catch (error) {
    if (isLineWise(text)) return readNdjson(source, options);
    throw error;
  }
}

function report(text: string, encoded: EncodingFacts): JsonReport {
  const { depth } = scanJson(text);
  const { value, lost } = parse(text);
  const profile = createProfile();
  for (const item of Array.isArray(value) ? value : [value]) profile.add(item);
  const length = typeof value === 'object' && value !== null ? Object.keys(value).length : null;
  const facts = { type: typeOf(value), length, depth, ...profile.facts(), ...numberFacts(lost), ...encoded };
  return { kind: 'json', facts, content: { sample: profile.sample() } };
}

function parse(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text);
  } catch (error) {
    // V8's message quotes the text around the fault.
    const reason = error instanceof Error ? error.message.slice(0, 300) : String(error);
    const message = `The text begins like JSON but is not valid JSON: ${reason}.`;
    throw new DocumentError('invalid_json', message, { cause: error });
  }
}
