import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLostNumbers, numberFacts, parseJson, replaceNumbers } from '../../../src/documents/json/lost-numbers.ts';

/** The literals that are lost. */
const lost = (text: string) => findLostNumbers(text).map(({ start, end }) => text.slice(start, end));

/** The integer that a text such as `-1.25e+23` stands for. */
function integerOf(text: string): bigint {
  const [digits = '', power = '0'] = text.split('e+');
  const [whole = '', fraction = ''] = digits.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(Number(power) - fraction.length);
}

describe('an integer that a JSON number does not keep', () => {
  it.each([
    '1970670598291982290',
    '-1970670598291982290',
    '9007199254740993',
    '18446744073709551615',
    '12345678901234567890.0',
    '1.2345678901234567891e19',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}`,
    `${'1'.repeat(100_000)}`,
    // 2^60 itself: JavaScript writes it as 1152921504606847000.
    '1152921504606846976',
  ])('is found: %.40s', (literal) => {
    expect(lost(literal)).toEqual([literal]);
    expect(lost(`[1,{"a": ${literal}},"${literal}"]`)).toEqual([literal]);
    expect(lost(`[${literal},${literal}\n,\n${literal} ]`)).toHaveLength(3);
  });

  it.each([
    '0',
    '-0',
    '-0.0e999',
    '0.1',
    '9007199254740992',
    '-9007199254740991',
    '1970670598291982300',
    '1.0e25',
    '1e21',
    '100000000000000000000000',
    '1234567890123450000000.0000',
    '0.30000000000000004',
    '3.14159265358979323846',
    '9007199254740993.5',
    '1e-400',
    '1.5e-7',
    '5e-999999999999999999999',
  ])('is not %s', (literal) => {
    expect(lost(`{"a":${literal}}`)).toEqual([]);
  });

  it('is not in a text, whatever the text holds', () => {
    const texts = ['9007199254740993', '\\" 9007199254740993', ':9007199254740993,', '\\\\', '[1e400'];
    expect(lost(JSON.stringify(texts))).toEqual([]);
    expect(lost(`${JSON.stringify(texts).slice(0, -1)},9007199254740993]`)).toEqual(['9007199254740993']);
  });

  it('is each integer that would come back as another one', () => {
    const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
    const rounded = fc.tuple(integer, fc.integer({ min: 0, max: 12 })).map(([n, zeros]) => n * 10n ** BigInt(zeros));
    fc.assert(
      fc.property(fc.oneof(integer, rounded, fc.bigInt({ min: 2n ** 52n, max: 2n ** 54n })), (n) => {
        const back = JSON.stringify(JSON.parse(`${n}`));
        const same = integerOf(back) === n;
        expect(lost(`{"n":${n}}`).length === 0).toBe(same);
      }),
    );
  });

  it('is never found in what JavaScript wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true }), (value, number) => {
        expect(lost(JSON.stringify([value, number]))).toEqual([]);
      }),
    );
  });

  it('is searched for only as often as asked', () => {
    expect(findLostNumbers('[1e400,1e400,1e400]', 2)).toHaveLength(2);
  });

  it('is found in little time, however long the text and its literals are', () => {
    const started = Date.now();
    for (const part of ['0', '1', '1.', '-', 'e', '"', '\\', '[', '1e'])
      findLostNumbers(`1e400,${part.repeat(1_000_000)}1`);
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe('literals', () => {
  it('are replaced in their places', () => {
    const text = '[1e400,"é",-9007199254740993]';
    expect(replaceNumbers(text, findLostNumbers(text), (literal, index) => `"${index}${literal}"`)).toBe(
      '["01e400","é","1-9007199254740993"]',
    );
  });
});

describe('a JSON text of a file', () => {
  it('has its lost integers as texts, and everything else as it is', () => {
    expect(parseJson('{"id":1970670598291982290,"n":[1,0.1,"1e400",-1e400]}')).toEqual({
      value: { id: '1970670598291982290', n: [1, 0.1, '1e400', '-1e400'] },
      lost: 2,
    });
    expect(parseJson('[1]')).toEqual({ value: [1], lost: 0 });
  });

  it('has a note that counts them', () => {
    expect(numberFacts(0)).toEqual({ number_note: null });
    expect(numberFacts(1).number_note).toContain('1 integer has');
    expect(numberFacts(1_234).number_note).toContain('1,234 integers have');
  });

  it.each(['{12345678901234567890:1}', '[012345678901234567890]', '[1234567890123456789-1]', '[12345678901234567890'])(
    'that is not valid stays so: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );
});
