// How the streams of a PDF say that they are packed, as far as needed to refuse what would be unpacked twice. It errs towards
// seeing more filters than PDF.js will, and holds no list of what it sees: a text of megabytes may be nothing else.

/** Filters that unpack. */
const PACKING = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;
const PACKING_IN_FULL = /\/(?:FlateDecode|LZWDecode|RunLengthDecode)\b/g;
/** `/Filter`, or `/F`, which PDF.js takes as well, and its value: an array, or what stands before the next name. */
const FILTER = /\/(Filter|F)(?=[\s\0[%/])(?:[^/[>]*\[[^\]]*|[^/[>]*\/?\w*)/g;
/** Of `5 0 R`, also of `5 0R`. */
const REFERENCE = /(?<![A-Za-z/])R\b/;

/**
 * Why a stream may be packed more than once; undefined if it is not. A chain of two would have to be unpacked twice to know
 * what it becomes, and filters that stand in another object can be any.
 * @param dictionary of the stream, as far as it is known
 * @param before all that stands between the stream before and this one: a long dictionary begins there
 */
export function faultOfFilters(dictionary: string, before: string): string | undefined {
  if (hasTwo(dictionary, PACKING) || hasTwo(before, PACKING_IN_FULL)) return 'is compressed more than once';
  for (const [value, key] of before.matchAll(FILTER)) {
    if (hasTwo(value, PACKING)) return 'is compressed more than once';
    if (key === 'Filter' && REFERENCE.test(value)) return 'has its filters in another object';
    // Something that looks like a stream may stand in the midst of the filters.
    if (value.includes('[') && (value.includes('%') || before.endsWith(value))) return 'has filters that do not end';
  }
  for (const [value] of ownKeys(dictionary).matchAll(FILTER)) {
    if (REFERENCE.test(value)) return 'has its filters in another object';
  }
  return undefined;
}

/** The dictionary without those inside it: fonts may be called F as well. */
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
