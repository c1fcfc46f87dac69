// Finds the format of a picture from its first bytes. It must never use the filename or the uploader's claim.

/** The formats that can be read. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp';

/** The lengths that the second header of a BMP can have, at position 14. That of OS/2 2.0 may end after any of its fields. */
const BMP_HEADERS = [12, ...Array.from({ length: 25 }, (_, index) => 16 + 2 * index), 108, 124];

/** The format of a file that begins with `head` (18 bytes are enough); undefined for anything that cannot be resized here. */
export function sniffFormat(head: Uint8Array): SourceFormat | undefined {
  const text = String.fromCharCode(...head.subarray(0, 18));
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('BM') && BMP_HEADERS.includes(head[14] ?? 0) && text.slice(15) === '\0\0\0') return 'bmp';
  return undefined;
}

const SEND = 'Send a JPEG, PNG, WebP, GIF or BMP.';

const begins =
  (...starts: string[]) =>
  (text: string) =>
    starts.some((start) => text.startsWith(start));

/** Formats of pictures that cannot be read, by the first bytes, with what helps. */
const UNREADABLE: readonly [fits: (text: string) => boolean, message: string][] = [
  [
    (text) => /^.{4}ftyp(?:hei|hev|mif1|msf1)/s.test(text),
    `The file is a HEIC picture, as iPhones write. Cloudflare's Images binding can convert it; Errand does not read it. ${SEND}`,
  ],
  [
    (text) => /^.{4}ftypavi[fs]/s.test(text),
    `The file is an AVIF picture, which cannot be read; Cloudflare's Images binding converts it on an Enterprise plan. ${SEND}`,
  ],
  [begins('\xff\x0a', '\0\0\0\x0cJXL '), `The file is a JPEG XL picture, which cannot be read. ${SEND}`],
  [begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+'), `The file is a TIFF or a raw picture, which cannot be read. ${SEND}`],
  [begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'), `The file is a JPEG 2000 picture, which cannot be read. ${SEND}`],
  [begins('8BPS'), `The file is a Photoshop document, which cannot be read. ${SEND}`],
  [begins('\0\0\x01\0', '\0\0\x02\0'), `The file is an icon, which cannot be read. ${SEND}`],
  [
    (text) => /^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/i.test(text),
    `The file is an SVG drawing, which cannot be read. ${SEND}`,
  ],
];

/** What a file that begins with `head` is, and what helps, if it is a picture of a format that cannot be read. */
export function unreadable(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 200));
  return UNREADABLE.find(([fits]) => fits(text))?.[1];
}
