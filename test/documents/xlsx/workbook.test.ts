import { expect, it } from 'vitest';
import { openArchive } from '../../../src/documents/xlsx/archive.ts';
import { readWorkbook } from '../../../src/documents/xlsx/workbook.ts';
import { aWorkbook } from '../zip.ts';

const STRICT = 'http://purl.oclc.org/ooxml/officeDocument/relationships';

it('a workbook names its worksheets, says which are hidden, and leaves out sheets without cells', async () => {
  const sheets = [
    '<sheet name="Chart" r:id="rId1"/>',
    '<sheet name="A" state="veryHidden" r:id="rId2"/>',
    '<sheet name="B" state="hidden" r:id="rId3"/>',
    '<sheet name="C" state="visible" r:id="rId4"/>',
  ];
  const relations = ['chartsheet', 'worksheet', 'worksheet', 'worksheet'].map(
    (type, at) => `<Relationship Id="rId${at + 1}" Type="${STRICT}/${type}" Target="/xl/worksheets/s${at}.xml"/>`,
  );
  const bytes = aWorkbook(
    { rows: '' },
    {
      'xl/workbook.xml': `<workbook xmlns:r="${STRICT}"><workbookPr date1904="true"/><sheets>${sheets.join('')}</sheets></workbook>`,
      'xl/_rels/workbook.xml.rels': `<Relationships>${relations.join('')}</Relationships>`,
    },
  );

  expect(await readWorkbook(openArchive(bytes))).toEqual({
    sheets: [
      { name: 'A', hidden: true, part: 'xl/worksheets/s1.xml' },
      { name: 'B', hidden: true, part: 'xl/worksheets/s2.xml' },
      { name: 'C', hidden: false, part: 'xl/worksheets/s3.xml' },
    ],
    from1904: true,
    strings: undefined,
    styles: undefined,
  });
});

it('the parts of a workbook may be anywhere', async () => {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="x/${type}" Target="${target}"/>`;
  const bytes = aWorkbook(
    { rows: '' },
    {
      '_rels/.rels': `<Relationships>${relation('a', 'officeDocument', '/book/workbook2.xml')}</Relationships>`,
      'book/workbook2.xml': '<workbook><sheets><sheet name="S" id="b"/></sheets></workbook>',
      'book/_rels/workbook2.xml.rels': `<Relationships>${relation('b', 'worksheet', '../s/a%20b.xml')}${relation('c', 'styles', 'x\\styles.xml')}</Relationships>`,
    },
  );

  expect(await readWorkbook(openArchive(bytes))).toMatchObject({
    ...{ sheets: [{ name: 'S', part: 's/a b.xml' }], styles: 'book/x/styles.xml' },
  });
});
