// Decodes the escapes in the names of a PDF: `/Fl#61teDecode` (ISO 32000-1, 7.3.5).
import { Buffer } from 'node:buffer';

const HASH = 35;

/** A piece of a PDF as Latin-1 text without escapes. Works byte by byte, because a piece may contain millions of escapes. */
export function unescaped(bytes: Uint8Array): string {
  const text = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] ?? 0;
    const code = byte === HASH ? hexOf(bytes[at + 1]) * 16 + hexOf(bytes[at + 2]) : Number.NaN;
    if (!Number.isNaN(code)) {
      byte = code;
      at += 2;
    }
    text[length++] = byte;
  }
  return text.toString('latin1', 0, length);
}

/** The value of a hexadecimal digit; NaN for any other byte. */
function hexOf(byte = 0): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}
