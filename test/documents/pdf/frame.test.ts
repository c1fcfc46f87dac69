import { describe, expect, it } from 'vitest';
import { endingOf, fromHeader } from '../../../src/documents/pdf/frame.ts';
import { latin1 } from './handmade.ts';

const OBJECT = '%PDF-1.7\n1 0 obj\n<< >>\nendobj\n';

describe('a PDF', () => {
  it.each([
    ['whole', `${OBJECT}xref\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n`],
    ['whole', `${OBJECT}startxref\n9\n%%EOF\n${'x'.repeat(50_000)}`],
    ['whole', `${OBJECT}trailer\n<< >>\n`],
    ['unmarked', OBJECT],
    ['cut', `${OBJECT}2 0 obj\n<< /Length 100 >>\nstream\nabc`],
    ['cut', `%PDF-1.7\n1 0 obj\n<<`],
  ])('is %s if it ends so', (ending, text) => {
    expect(endingOf(latin1(text))).toBe(ending);
  });

  it('begins at its header, wherever that is', () => {
    expect(fromHeader(latin1(`${'x'.repeat(5_000)}${OBJECT}`))).toEqual(latin1(OBJECT));
    expect(fromHeader(latin1(`junk\n${OBJECT}`))).toHaveLength(OBJECT.length + 5);
  });
});
