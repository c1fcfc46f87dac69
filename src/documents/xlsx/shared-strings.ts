// Reads the texts that cells of a workbook share. They are read as a stream, and only the texts are kept.
import { DocumentError } from '../document-error.ts';
import { MAX_SHARED_STRINGS } from '../limits.ts';
import { parseXml } from './parse-xml.ts';
import { createTextReader } from './text-of.ts';

/** @throws DocumentError `document_too_large` beyond MAX_SHARED_STRINGS */
export async function readSharedStrings(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<string[]> {
  const strings: string[] = [];
  const reader = createTextReader();
  await parseXml(
    stream,
    {
      ...reader,
      close(name) {
        reader.close(name);
        if (name !== 'si') return;
        if (strings.length >= MAX_SHARED_STRINGS)
          throw new DocumentError('document_too_large', `The workbook has more than ${MAX_SHARED_STRINGS} texts.`);
        strings.push(reader.take());
      },
    },
    signal,
  );
  return strings;
}
