import { describe, expect, it } from 'vitest';
import { type DocumentKind, sniffDocument } from '../../src/documents/index.ts';
import { refusal } from './source.ts';

/** Finds the kind of a document, given as text or bytes. */
function sniff(content: string | Uint8Array): Promise<DocumentKind> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return sniffDocument(bytes.length, async (length) => bytes.subarray(0, length));
}

describe('the kind of a document', () => {
  it.each([
    ['%PDF-1.7', 'pdf'],
    ['some bytes before %PDF-1.7', 'pdf'],
    [`${'J'.repeat(2_000)}%PDF-1.7\n1 0 obj\n<<>>`, 'pdf'],
    [`${'name,magic\n'.repeat(200)}pdf,%PDF-1.7\n`, 'csv'],
    ['PK\u0003\u0004', 'xlsx'],
    ['{"a": 1}', 'json'],
    ['[1,\n2]', 'json'],
    ['{"a": 1}\n{"a": 2}\n', 'ndjson'],
    ['a,b\n1,2\n', 'csv'],
    ['just words', 'csv'],
  ])('of %j is %s', async (content, kind) => {
    expect(await sniff(content)).toBe(kind);
  });

  it('is csv for any text of which the caller names the delimiter', async () => {
    const told = (content: string, delimiter?: string) =>
      sniffDocument(content.length, async () => new TextEncoder().encode(content), { delimiter });

    expect([await told('[a];[b]\n1;2\n'), await told('[a];[b]\n1;2\n', ';')]).toEqual(['json', 'csv']);
    expect(await told('{"a":1}\n{"a":2}\n', ',')).toBe('csv');
    expect(await refusal(told('<html>', ','))).toMatchObject({ code: 'unsupported_document' });
  });

  it('of UTF-16 without a byte order mark is found if the caller names the encoding', async () => {
    const bytes = Uint8Array.of(0x5b, 0, 0x31, 0, 0x5d, 0);
    const told = (encoding?: 'utf-16le') => sniffDocument(bytes.length, async () => bytes, { encoding });

    expect(await told('utf-16le')).toBe('json');
    expect(await refusal(told())).toMatchObject({ message: expect.stringContaining('UTF-16') });
  });

  it('is PDF if its header and an object come late, and not if a text only mentions the header', async () => {
    const rows = 'name,first bytes\na.pdf,%PDF-1.7\n'.repeat(100);

    expect(await sniff(`${'x'.repeat(2_000)}%PDF-1.7\n1 0 obj\n<< >>\nendobj\n`)).toBe('pdf');
    expect(await sniff(`name,first bytes\n${'b,1\n'.repeat(300)}${rows}`)).toBe('csv');
  });

  it('is decided by more bytes when the first ones contain too few lines', async () => {
    const lengths: number[] = [];
    const bytes = new TextEncoder().encode(`{"n":"${'x'.repeat(70_000)}"}\n{"n":1}\n`);
    const kind = await sniffDocument(bytes.length, async (length) => {
      lengths.push(length);
      return bytes.subarray(0, length);
    });

    expect([kind, lengths]).toEqual(['ndjson', [65_536, 4_000_000]]);
  });

  it.each([
    'MZ,name\nDE,1\n',
    'mz,intensity\n1.5,2\n',
    'PAR1 is a name,b\n1,2\n',
    'Rar!,x\n1,2\n',
    'BZh,x\n1,2\n',
    '<htmlish>,x\n1,2\n',
  ])('is csv although the text begins with the letters of a binary file: %j', async (text) => {
    expect(await sniff(text)).toBe('csv');
  });
});

describe('a file that is not a document', () => {
  it.each([
    ['empty_file', ''],
    ['empty_file', ' \n\t '],
    ['unsupported_document', 'a,b\n1,\u00002'],
    ['unsupported_document', '\u0001\u0002\u0003\u0004binary'],
    ['unsupported_document', '<!DOCTYPE html><p>hi'],
    ['unsupported_document', '\n  <html><body>hi'],
    ['unsupported_document', '\ufeff<?XML version="1.0"?><a/>'],
    ['unsupported_document', '{\\rtf1 hi}'],
    ['unsupported_document', 'PK\u0005\u0006'],
    ['unsupported_document', 'MZ\u0090\u0000'],
    ['unsupported_document', 'SQLite format 3\u0000'],
  ])('is refused: %s', async (code, content) => {
    expect(await refusal(sniff(content))).toMatchObject({ code });
  });

  it('is refused by its bytes: an old Office file, random bytes', async () => {
    expect(await refusal(sniff(Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1)))).toMatchObject({
      message: expect.stringContaining('old Office file'),
    });
    const random = crypto.getRandomValues(new Uint8Array(10_000));
    expect(await refusal(sniff(random))).toMatchObject({ code: 'unsupported_document' });
  });
});
