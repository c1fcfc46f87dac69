import { describe, expect, it } from 'vitest';
import { ReferenceScan } from '../../../src/documents/pdf/scan-references.ts';
import { latin1 } from './handmade.ts';

/** The runs of references in a text, read in pieces of this many bytes. */
function runsOf(text: string, piece = 1_000) {
  const scan = new ReferenceScan();
  const runs: [number, number][][] = [];
  const bytes = latin1(text);
  for (let at = 0; at < bytes.length; at += piece)
    for (const run of scan.feed(bytes.subarray(at, at + piece))) runs.push([...run]);
  for (const run of scan.end()) runs.push([...run]);
  return { runs, object: scan.object };
}

describe('the references of a PDF', () => {
  it.each([
    [
      '[5 0 R 6 0 R 5 0 R]',
      [
        [
          [5, 2],
          [6, 1],
        ],
      ],
    ],
    ['[5 0 R] [6 0 R]', []],
    ['[5 0 R /Name 6 0 R]', []],
    [
      '[5 0 R % comment\n 6 0 R]',
      [
        [
          [5, 1],
          [6, 1],
        ],
      ],
    ],
    ['[+5 00.0 R 5 0 R]', [[[5, 2]]]],
  ])('in %j form the runs %j', (text, runs) => {
    expect(runsOf(text).runs).toEqual(runs);
  });

  it('are the same when the text is read byte by byte', () => {
    const text = '7 0 obj [5 0 R 6 0 R] endobj [8 0 R 8 0 R]';

    expect(runsOf(text, 1)).toEqual(runsOf(text));
    expect(runsOf(text).object).toBe(7);
  });
});
