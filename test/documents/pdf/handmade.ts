// PDFs made by hand, and compressed streams for them.

export const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A PDF with these objects, numbered from 1; object 1 is the catalog. It has no table of positions: readers search. */
export function handmade(...objects: string[]): Uint8Array {
  const bodies = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  return latin1(`%PDF-1.7\n${bodies}trailer\n<< /Root 1 0 R /Size ${objects.length + 1} >>\nstartxref\n0\n%%EOF\n`);
}

/** The bytes in the format of zlib, as a Latin-1 text. */
export async function deflate(bytes: Uint8Array): Promise<string> {
  const packed = new Response(bytes).body?.pipeThrough(new CompressionStream('deflate'));
  const buffer = new Uint8Array(await new Response(packed).arrayBuffer());
  return Array.from(buffer, (byte) => String.fromCharCode(byte)).join('');
}

/** Latin-1 text in ASCII85, without an end mark. Its last bytes are filled up with zeros. */
export function base85(text: string): string {
  const groups = text.match(/[\s\S]{1,4}/g) ?? [];
  return groups
    .map((group) => {
      let value = [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (group.charCodeAt(at) || 0), 0);
      const digits = Array.from({ length: 5 }, () => {
        const digit = value % 85;
        value = Math.floor(value / 85);
        return String.fromCharCode(33 + digit);
      });
      return digits.reverse().join('');
    })
    .join('');
}

/** The objects of a PDF with one page, whose contents are object 4. */
export const page = (contents: string) => [
  '<< /Type /Catalog /Pages 2 0 R >>',
  '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>',
  contents,
];
