import type { PDFRawStream } from '@cantoo/pdf-lib';

/** The content of a stream that is compressed by Flate. */
export async function unpacked(stream: PDFRawStream): Promise<string> {
  const bytes = new Blob([stream.getContents()]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(bytes).text();
}
