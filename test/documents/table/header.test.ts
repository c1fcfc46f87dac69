import { describe, expect, it } from 'vitest';
import { decideHeader, lacksIndexName } from '../../../src/documents/table/header.ts';
import { readText } from '../../../src/documents/table/table.ts';

const cells = (row: string) => row.split(',').map(readText);
const decide = (...rows: string[]) => decideHeader(cells(rows[0] ?? ''), rows.slice(1).map(cells));

describe('a first row', () => {
  it.each([
    ['of different texts', ['name,city', 'Ada,Bonn']],
    ['of different texts, alone', ['name,city']],
    ['with an empty name above numbers', [',name,age', '0,Ada,36', '1,Bob,41']],
    ['with an empty last name', ['name,age,', 'Ada,36,', 'Bob,41,']],
    ['with the same name twice', ['date,amount,amount', '2026-01-01,1,2', '2026-01-02,3,4']],
    ['with texts above numbers, two of three names', ['id,total,', '1,10,x', '2,30,y']],
    ['with dates above numbers', ['region,2026-01-01,2026-02-01', 'north,10,20', 'south,30,40']],
    ['with a text above numbers with a decimal comma', ['a;b', '1;5'].map((row) => row.replace(';', ',,'))],
  ])('%s is a header', (_, rows) => {
    expect(decide(...rows)).toEqual({ header: true, note: null });
  });

  it.each([
    ['numbers above numbers', ['Ada,36', 'Bob,41']],
    ['numbers above numbers, and a text that means no value', ['Ada,36,n/a', 'Bob,41,5', 'Cy,29,7']],
    ['dates above dates', ['2026-01-01,x', '2026-01-02,y']],
    ['written numbers above written numbers', ['01067,Dresden', '10115,Berlin']],
    ['written dates above written dates', ['31.12.2025,x', '01.01.2026,y']],
  ])('of %s is data', (_, rows) => {
    expect(decide(...rows)).toEqual({ header: false, note: null });
  });

  it.each([
    ['years above other numbers', true, ['region,2024,2025', 'north,10,20', 'south,30,40']],
    ['years above years', false, ['Ada,1990,1991', 'Bob,1985,2010', 'Cy,1970,1980']],
    ['a year and an amount', false, ['Ada,2007,2018', 'Bob,1985,3579', 'Cy,1980,4657']],
    ['a year and a text above numbers', true, ['region,2024,total', 'north,10,10', 'south,30,30']],
    ['a single year', false, ['Ada,2000', 'Bob,300', 'Cy,700']],
    ['months', true, ['id,1,2,3,4', 'a,5,9,1,0', 'b,7,7,7,7']],
    ['positions of columns, above fractions', true, ['0,1,2', '0.5,0.1,0.2', '0.6,0.7,0.8']],
    ['texts that come again below, one twice', false, ['yes,yes,no', 'no,yes,no', 'yes,no,no']],
    ['texts with one twice, and no other sign', true, ['name,name', 'Ada,Lovelace', 'Charles,Babbage']],
    ['more empty cells than texts', false, ['Report,,', 'x,y,z', 'u,v,w']],
    ['numbers above texts', false, ['1,x', 'a,y', 'b,z']],
  ])('of %s: header %s, and the note says that it is a guess', (_, header, rows) => {
    const decision = decide(...rows);

    expect(decision.header).toBe(header);
    expect(decision.note).toContain('set the option "header"');
  });

  it('with fewer cells than most rows may be a title, and the note says so', () => {
    const { header, note } = decide('Report', 'name,age', 'Ada,36');

    expect(header).toBe(true);
    expect(note).toContain('may be a title');
    expect(decide('name,age', 'Ada,36', 'Bob,41,x').note).toBeNull();
  });

  it('of nothing, or of numbers alone, is no header', () => {
    expect(decideHeader([], [])).toEqual({ header: false, note: null });
    expect(decide('1,2').header).toBe(false);
    expect(decide('a,a').header).toBe(false);
  });
});

describe('a header with one name fewer than the rows have cells', () => {
  it('leaves out the row numbers if the first cells count', () => {
    const lacks = (...rows: string[]) => lacksIndexName(cells(rows[0] ?? ''), rows.slice(1).map(cells));

    expect(lacks('name,age', '1,Ada,36', '2,Bob,41')).toBe(true);
    expect(lacks('name,age', 'Ada,36,', 'Bob,41,')).toBe(false);
    expect(lacks('name,age', '1,Ada', '2,Bob')).toBe(false);
    expect(lacks('name,age')).toBe(false);
  });
});
