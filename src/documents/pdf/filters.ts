// Reads how the streams of a PDF are compressed, as far as needed to refuse a stream whose unpacked size cannot be measured. In
// doubt it sees more filters than PDF.js does. It must never build a list of what it finds: a text of megabytes may consist of
// filters only.

/** Filters that compress. */
const PACKING = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;
const PACKING_IN_FULL = /\/(?:FlateDecode|LZWDecode|RunLengthDecode)\b/g;
/** Those of them that are not unpacked to be measured. */
const UNMEASURED = /\/(?:LZWDecode|LZW|RunLengthDecode|RL)\b/;
const UNMEASURED_IN_FULL = /\/(?:LZWDecode|RunLengthDecode)\b/;
/** Filters that write bytes as text. */
const WRAPPING = /\/(?:ASCII85Decode|A85|ASCIIHexDecode|AHx)\b/g;
const WRAPPED = new RegExp(WRAPPING.source);
/** `/Filter`, or `/F`, which PDF.js accepts too, with its value: an array, or the text before the next name. */
const FILTER = /\/(Filter|F)(?=[\s\0[%/])(?:[^/[>]*\[[^\]]*|[^/[>]*\/?\w*)/g;
/** Matches `5 0 R`, and also `5 0R`. */
const REFERENCE = /(?<![A-Za-z/])R\b/;

export interface Filters {
  /** Why the unpacked size of the stream cannot be measured, as the end of a sentence; undefined when it can. */
  fault?: string;
  /** The stream may be compressed more than once. */
  layered: boolean;
  /** The filters are in another object, so they can be any filters that the PDF names. */
  elsewhere: boolean;
}

/**
 * @param dictionary the dictionary of the stream, as far as it is known
 * @param before the text between the previous stream and this one: a long dictionary begins there
 */
export function filtersOf(dictionary: string, before: string): Filters {
  let layered = hasTwo(dictionary, PACKING) || hasTwo(before, PACKING_IN_FULL);
  let elsewhere = false;
  let unmeasured =
    (hasTwo(dictionary, PACKING) && UNMEASURED.test(dictionary)) ||
    (hasTwo(before, PACKING_IN_FULL) && UNMEASURED_IN_FULL.test(before));
  if (hasTwo(dictionary, WRAPPING) || (layered && WRAPPED.test(dictionary)))
    return { fault: 'is written as text and compressed more than once', layered, elsewhere };
  for (const [value, name] of before.matchAll(FILTER)) {
    if (hasTwo(value, PACKING)) {
      layered = true;
      unmeasured ||= UNMEASURED.test(value);
    }
    if (name === 'Filter' && REFERENCE.test(value)) elsewhere = true;
    // Bytes that look like a stream may be inside the list of filters.
    if (value.includes('[') && (value.includes('%') || before.endsWith(value)))
      return { fault: 'has filters that do not end', layered, elsewhere };
  }
  for (const [value] of ownKeys(dictionary).matchAll(FILTER)) elsewhere ||= REFERENCE.test(value);
  const fault = unmeasured ? 'is compressed more than once, and not only by Flate' : undefined;
  return { ...(fault && { fault }), layered: layered || elsewhere, elsewhere };
}

/** True if the text names a filter that compresses and is not unpacked to be measured. */
export function namesUnmeasured(text: string): boolean {
  return UNMEASURED.test(text);
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
