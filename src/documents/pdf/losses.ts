// What could not be read of a PDF. PDF.js continues after most faults and reports them only as warnings on the console, so the
// warnings are collected there. A loss must never be silent: a warning that is not known to be harmless is a loss.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Loss {
  /** From 1; null when the loss does not belong to one page. */
  page: number | null;
  reason: string;
}

const MAX_LOSSES = 100;
const MAX_REASON_CHARACTERS = 300;

export class Losses {
  /** The page that is being read, from 1. */
  page: number | null = null;
  readonly #found = new Map<string, Loss>();
  #left = 0;

  add(reason: string, page = this.page): void {
    const loss = { page, reason: reason.slice(0, MAX_REASON_CHARACTERS) };
    const key = JSON.stringify(loss);
    if (this.#found.has(key)) return;
    if (this.#found.size < MAX_LOSSES) this.#found.set(key, loss);
    else this.#left++;
  }

  /** Each loss once, at most 100; one more entry says how many were left out. */
  list(): Loss[] {
    const left = { page: null, reason: `${this.#left} other losses are not listed.` };
    return [...this.#found.values(), ...(this.#left > 0 ? [left] : [])];
  }

  /** True if pages are missing. */
  get pagesAreMissing(): boolean {
    return [...this.#found.values()].some(({ reason }) => reason.startsWith(PAGES_MISSING));
  }

  /** Runs `read`, and collects what PDF.js warns about meanwhile. Other work of the isolate keeps its console. */
  collect<Result>(read: () => Promise<Result>): Promise<Result> {
    return collecting.run(this, read);
  }
}

const OPERATOR = /^(?:Unknown command|Skipping)/;

const collecting = new AsyncLocalStorage<Losses>();

for (const level of ['warn', 'info'] as const) {
  const print = console[level].bind(console);
  console[level] = (...values: unknown[]) => {
    const losses = collecting.getStore();
    const [, kind, text] = /^(Warning|Info): ([\s\S]*)$/.exec(String(values[0])) ?? [];
    if (!losses || text === undefined) return print(...values);
    // Only pages have operators. The other contents that PDF.js parses say how a form field looks.
    if (losses.page === null && OPERATOR.test(text)) return;
    const reason = kind === 'Warning' ? reasonOf(text) : reasonOfInfo(text);
    if (reason) losses.add(reason);
  };
}

/** Beginnings of warnings that concern how a page looks, or a fault of the file that PDF.js repairs. */
const HARMLESS = new RegExp(
  `^(?:${[
    'TT: |CFF|Failed to compile font|Unknown type 1 charstring|Missing subrsIndex|Out of bounds subrIndex|Not enough ',
    'Found too many parameters|Glyph index is not|Invalid fd index|parseFDSelect|Unable to recover "Length1"|Invalid "Length1"',
    'Couldn.t find .* in CFF|Required "glyf"|Incorrect .loca.|No cmap table|Could not find a preferred cmap|cmap table has',
    'Unknown/unsupported post|Ran out of space in font|getFontFileType|TrueType Collection|charToGlyph|FontFamily',
    'Cannot substitute the font|Decode map|Bits per component|.*[Cc]olor ?[Ss]pace|No ICC|No CMYK|CMYK fallback|PDFImage',
    'Image dimensions|Unsupported (?:blend|SMask|/SMask|/Mask)|Ignoring /Mask|Invalid (?:LW|setLineWidth|setDash)|Bidi:',
    'Indexing all PDF objects|indexObjects|readXRef - skipping|XRef.parse|Ignoring circular reference|Invalid PDF header',
    'Invalid PDF catalog version|Empty, or invalid, /|Empty /CropBox|Badly formatted number|Lexer_getName|Name token is longer',
    'getHexString|Unterminated|stringToPDFString|UTF-8 decoding failed|Ignoring non-standard key|Bad value, for|.*OffscreenCanvas',
    'Unable to read (?:permissions|page labels|optional content)|Unable read|StructTree|getStructTree|_getLinearizationPage',
    'checkLastPage|getFontFileType|Empty ".*" stream|setOptionalContent|AnnotationBorderStyle|Ignoring invalid lineEnding',
    'Push buttons without|Popup annotation has|HighlightAnnotation|parseDefaultAppearance|parseAppearanceStream|Barcodes',
    'Unimplemented annotation type|Annotation is missing|Invalid field flags|Unknown field name|createGlobals|Visibility',
    'Invalid (?:visibility|operator .* in visibility)|.DecodeParms should|Inline |findDefaultInlineStreamEnd|\\.\\.\\. trying',
    'parseDestDictionary|buildFontPaths|Related file spec|Type3 font resource|GlobalImageCache',
  ].join('|')})`,
);

/** PDF.js shows an empty page in place of a first page that it cannot find. */
const PAGES_MISSING = 'The list of pages is damaged, so';

/** The beginning of a warning, and what it means for the text. */
const MEANINGS: [RegExp, string][] = [
  [/^getAllPageDicts/, `${PAGES_MISSING} pages are missing`],
  [/^Font "(.*)" is not available/, 'The font $1 is missing. Its text was read in a standard encoding.'],
  [/^translateFont - fetching "(.*?)" font file/, 'The file of the font $1 is damaged. Its text was read without it.'],
  [/^loadFont /, 'A font could not be loaded, so its text is missing'],
  [/^ensureStateFont/, 'Text for which no font is set was left out.'],
  [/^getTextContent - ignoring XObject/, 'A part that the page draws could not be read'],
  [/^getTextContent - ignoring ExtGState/, 'A graphics state could not be read'],
  [/^getTextContent - ignoring errors/, 'The rest of the page could not be read'],
  [/^getContentStream - ignoring sub-stream/, 'A part of the contents of the page could not be read'],
  [/^readToUnicode|^Invalid cMap data|^extractDataStructures/, 'The character map of a font is damaged'],
  [/^Filter "(.*)" is not supported/, 'A stream was left out, because its filter $1 is not known.'],
  [/^Invalid stream/, 'A stream is damaged and was left out'],
  [/^Unknown command "(.*)"/, 'The operator "$1" is not known and was left out.'],
  [/^Skipping/, 'An operator has too few operands and was left out'],
  [/^Unable to read document outline|^Invalid outline item/, 'The outline could not be read.'],
  [/^Embedded file specification/, 'An attachment is named but not in the file.'],
  [/^Non-embedded file/, 'A file that the PDF names is not in it.'],
  [/^_parsedAnnotations|^collectAnnotationsByType|^#collectFieldObjects/, 'An annotation could not be read'],
  [/^XFA|^loadXfaFonts/, 'A part of an XFA form could not be read'],
];

/** What a warning of PDF.js means, as a sentence; undefined when the text is not affected. */
export function reasonOf(warning: string): string | undefined {
  for (const [form, meaning] of MEANINGS) {
    const found = form.exec(warning);
    if (!found) continue;
    const said = meaning.replace('$1', found[1] ?? '');
    return said.endsWith('.') ? said : `${said}: ${detailOf(warning)}.`;
  }
  return HARMLESS.test(warning) ? undefined : `PDF.js reports: ${detailOf(warning)}.`;
}

/** Damaged compression is only an "info" for PDF.js: what was unpacked before the damage is used. */
function reasonOfInfo(info: string): string | undefined {
  return /flate|lzw/i.test(info) ? `A stream is damaged, and its end is missing: ${detailOf(info)}.` : undefined;
}

/** `getTextContent - ignoring XObject: "FormatError: XObject should be a stream".` → `XObject should be a stream` */
function detailOf(text: string): string {
  return text
    .replace(/^.*?: "(.*)"\.?$/s, '$1')
    .replace(/^\w*(?:Error|Exception): /, '')
    .replace(/\.$/, '');
}
