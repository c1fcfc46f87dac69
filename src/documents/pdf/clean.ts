// Makes text that can be laid out.

/** Formatting characters that say how the characters beside them are ordered or joined. They have no width. */
export const ORDERING = /[\u061c\u200c-\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Text that can be laid out: composed, with tabs as spaces, without control characters except line feeds. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', '    ')
    .replace(/(?![\u061c\u200c-\u200f\u202a-\u202e\u2066-\u2069])\p{Cf}|(?!\n)\p{Cc}/gu, '');
}
