// How the streams of a PDF say that they are packed, as far as needed to refuse what would be unpacked twice. It errs towards
// seeing more filters than PDF.js will.

/** Filters that unpack. */
const PACKING = /\/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b/g;
const PACKING_IN_FULL = /\/(?:FlateDecode|LZWDecode|RunLengthDecode)\b/g;
/** `/Filter`, or `/F`, which PDF.js takes as well, and its value: an array, or what stands before the next name. */
const FILTER = /\/Filter(?=[\s\0[%/])(?:[^/[>]*\[[^\]]*|[^/[>]*\/?\w*)/g;
const SHORT_FILTER = /\/F(?=[\s\0[%/])(?:[^/[>]*\[[^\]]*|[^/[>]*\/?\w*)/g;
/** Of `5 0 R`, also of `5 0R`. */
const REFERENCE = /(?<![A-Za-z/])R\b/;

/**
 * Why a stream may be packed more than once; undefined if it is not. A chain of two would have to be unpacked twice to know
 * what it becomes, and filters that stand in another object can be any.
 * @param dictionary of the stream, as far as it is known
 * @param before all that stands between the stream before and this one: a long dictionary begins there
 */
export function faultOfFilters(dictionary: string, before: string): string | undefined {
  const values = before.match(FILTER) ?? [];
  const short = before.match(SHORT_FILTER) ?? [];
  const more = [dictionary, ...values, ...short].some((text) => count(text, PACKING) > 1);
  if (more || count(before, PACKING_IN_FULL) > 1) return 'is compressed more than once';
  if (
    values.some((value) => REFERENCE.test(value)) ||
    ownKeys(dictionary)
      .match(SHORT_FILTER)
      ?.some((value) => REFERENCE.test(value))
  )
    return 'has its filters in another object';
  // Something that looks like a stream may stand in the midst of the filters.
  const broken = [...values, ...short].some(
    (value) => value.includes('[') && (value.includes('%') || before.endsWith(value)),
  );
  return broken ? 'has filters that do not end' : undefined;
}

/** The dictionary without those inside it: fonts may be called F as well. */
function ownKeys(dictionary: string): string {
  let text = withoutInner(dictionary, /\((?:\\.|[^()\\])*\)/gs).replace(/^[^<]*<</, '');
  text = withoutInner(text, /<<(?:[^<>]|<[^<>]*>)*>>/g);
  return text;
}

function withoutInner(text: string, inner: RegExp): string {
  for (let left = text; ; text = left) {
    left = text.replace(inner, ' ');
    if (left === text) return text;
  }
}

function count(text: string, names: RegExp): number {
  return text.match(names)?.length ?? 0;
}
