// What a file is, by its first bytes. Never by what an uploader claims, with one exception: among texts that no browser
// runs, the bytes cannot tell CSV from JSON, so there the name and the claim choose.

/** How many bytes `sniffType` wants to see; more change nothing. */
export const SNIFF_BYTES = 4096;

/** Office files are zips, told apart by the folder that one of their first entries is in. */
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** Type → is `text`, the first bytes as Latin-1, the beginning of such a file? The first that fits counts. */
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

/** Texts that do nothing in a browser, by the ending of a name. HTML, SVG and XML are not among them on purpose. */
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
 * The media type of a file that begins with `head` (up to SNIFF_BYTES). A text is what its name or the claimed type says,
 * if that is a harmless kind of text, else `text/plain`: also when it is HTML or SVG. All else is `application/octet-stream`.
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

/** True for UTF-8 without control characters other than white space. A character cut off at the end does not matter. */
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
