// Finds the format of a picture from its first bytes. It must never use the filename or the uploader's claim.

/** The formats that can be read. */
export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp';

/** The format of a file that begins with `head` (12 bytes are enough); undefined for anything that cannot be resized here. */
export function sniffFormat(head: Uint8Array): SourceFormat | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'webp';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (/^BM.{4}\0{4}/s.test(text)) return 'bmp';
  return undefined;
}

/** True for the container of HEIC and AVIF. They cannot be read, but the error message can name them. */
export function isHeicOrAvif(head: Uint8Array): boolean {
  return /^....ftyp(hei|hev|mif|msf|avi)/s.test(String.fromCharCode(...head.subarray(0, 12)));
}
