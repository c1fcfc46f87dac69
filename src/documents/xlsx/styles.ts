// Reads the number formats of a workbook. Every cell names one of them by its position.
import { kindOfFormat, type NumberKind } from './number-format.ts';
import { parseXml } from './parse-xml.ts';

/** What the number of a cell means, for each format of cells. */
export async function readStyles(stream: ReadableStream<Uint8Array>): Promise<NumberKind[]> {
  const codes = new Map<string, string>();
  const ids: string[] = [];
  let ofCells = false;
  await parseXml(stream, {
    open(name, { numFmtId = '0', formatCode = '' }) {
      if (name === 'cellXfs') ofCells = true;
      else if (name === 'numFmt') codes.set(numFmtId, formatCode);
      else if (name === 'xf' && ofCells) ids.push(numFmtId);
    },
    close(name) {
      if (name === 'cellXfs') ofCells = false;
    },
  });
  const kinds = new Map([...new Set(ids)].map((id) => [id, kindOfFormat(Number(id), codes.get(id))]));
  return ids.map((id) => kinds.get(id) ?? 'number');
}
