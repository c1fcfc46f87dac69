// Reads how the streams of a PDF are compressed, as far as needed to refuse a stream that is compressed twice. In doubt it
// sees more filters than PDF.js does. It must never build a list of what it finds: a text of megabytes may consist of
// filters only.

/** Filters that compress. */
const PACKING = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;
const PACKING_IN_FULL = /\/(?:FlateDecode|LZWDecode|RunLengthDecode)\b/g;
/** `/Filter`, or `/F`, which PDF.js accepts too, with its value: an array, or the text before the next name. */
const FILTER = /\/(Filter|F)(?=[\s\0[%/])(?:[^/[>]*\[[^\]]*|[^/[>]*\/?\w*)/g;
/** Matches `5 0 R`, and also `5 0R`. */
const REFERENCE = /(?<![A-Za-z/])R\b/;

/**
 * Why a stream may be compressed more than once, as the end of a sentence; undefined when it is not. The size of a stream that is
 * compressed twice cannot be known without unpacking it twice, and filters in another object can be anything.
 * @param dictionary the dictionary of the stream, as far as it is known
 * @param before the text between the previous stream and this one: a long dictionary begins there
 */
export function faultOfFilters(dictionary: string, before: string): string | undefined {
  if (hasTwo(dictionary, PACKING) || hasTwo(before, PACKING_IN_FULL)) return 'is compressed more than once';
  for (const [value, name] of before.matchAll(FILTER)) {
    if (hasTwo(value, PACKING)) return 'is compressed more than once';
    if (name === 'Filter' && REFERENCE.test(value)) return 'has its filters in another object';
    // Bytes that look like a stream may be inside the list of filters.
    if (value.includes('[') && (value.includes('%') || before.endsWith(value))) return 'has filters that do not end';
  }
  for (const [value] of ownKeys(dictionary).matchAll(FILTER)) {
    if (REFERENCE.test(value)) return 'has its filters in another object';
  }
  return undefined;
}

/** The dictionary without the dictionaries inside it: a font may have the name F too. */
function ownKeys(dictionary: string): string {
  const text = withoutInner(dictionary, /\((?:\\.|[^()\\])*\)/gs).replace(/^[^<]*<</, '');
  return withoutInner(text, /<<(?:[^<>]|<[^<>]*>)*>>/g);
}

function withoutInner(text: string, inner: RegExp): string {
  const left = text.replace(inner, ' ');
  return left === text ? text : withoutInner(left, inner);
}

function hasTwo(text: string, names: RegExp): boolean {
  const found = text.matchAll(names);
  return !found.next().done && !found.next().done;
}
