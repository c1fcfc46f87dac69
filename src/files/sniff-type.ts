// Finds the media type of a file from its first bytes, and never from what an uploader claims. One exception: the bytes cannot
// tell CSV from JSON, so among texts that no browser runs, the claim or the filename decides.

/** The number of first bytes that sniffType() looks at; more bytes change nothing. */
export const SNIFF_BYTES = 4096;

/** Office files are ZIP archives. The folder of one of their first entries tells their kind. */
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** Media type, and whether `text` (the first bytes as Latin-1) is the beginning of such a file. The first match counts. */
const SIGNATURES: readonly (readonly [type: string, fits: (text: string) => boolean])[] = [
  ['image/jpeg', (text) => text.startsWith('\xff\xd8\xff')],
  ['image/png', (text) => text.startsWith('\x89PNG\r\n\x1a\n')],
  ['image/gif', (text) => /^GIF8[79]a/.test(text)],
  ['image/webp', (text) => /^RIFF.{4}WEBP/s.test(text)],
  ['image/bmp', (text) => text.startsWith('BM') && text.slice(6, 10) === '\0\0\0\0'],
  ['image/tiff', (text) => text.startsWith('II*\0') || text.startsWith('MM\0*')],
  ['image/avif', (text) => /^.{4}ftypavi[fs]/s.test(text)],
  ['image/heic', (text) => /^.{4}ftyp(hei|hev|mif|msf)/s.test(text)],
  ['application/pdf', (text) => text.startsWith('%PDF-')],
  [`${OFFICE}.spreadsheetml.sheet`, (text) => isZip(text) && text.includes('xl/')],
  [`${OFFICE}.wordprocessingml.document`, (text) => isZip(text) && text.includes('word/')],
  [`${OFFICE}.presentationml.presentation`, (text) => isZip(text) && text.includes('ppt/')],
  ['application/zip', isZip],
  ['application/gzip', (text) => text.startsWith('\x1f\x8b\x08')],
];

/** Texts that a browser does not run, by file extension. HTML, SVG and XML are left out on purpose. */
const HARMLESS_TEXTS: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  md: 'text/markdown',
  txt: 'text/plain',
};

const UNKNOWN = 'application/octet-stream';

/**
 * The media type of a file that begins with `head` (up to SNIFF_BYTES bytes). A text gets the claimed type, or the type of
 * its extension, if that is a harmless kind of text. Any other text is `text/plain`, including HTML and SVG. Anything that
 * is not recognised is `application/octet-stream`.
 */
export function sniffType(head: Uint8Array, about: { filename: string; claimedType?: string | undefined }): string {
  const bytes = head.subarray(0, SNIFF_BYTES);
  const latin = String.fromCharCode(...bytes);
  const known = SIGNATURES.find(([, fits]) => fits(latin));
  if (known) return known[0];
  if (bytes.length === 0 || !isText(bytes)) return UNKNOWN;
  const claimed = about.claimedType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (Object.values(HARMLESS_TEXTS).includes(claimed)) return claimed;
  return HARMLESS_TEXTS[about.filename.match(/\.(\w+)$/)?.[1]?.toLowerCase() ?? ''] ?? 'text/plain';
}

/** True for UTF-8 without control characters other than white space. A character that `head` cuts in half does not matter. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes, { stream: true });
    return !/[^\P{Cc}\t\n\f\r]/u.test(text);
  } catch {
    return false;
  }
}

function isZip(text: string): boolean {
  return text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06');
}
