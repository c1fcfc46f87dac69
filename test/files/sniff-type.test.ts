import { describe, expect, it } from 'vitest';
import { sniffType } from '../../src/files/index.ts';

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

describe('sniffType', () => {
  it.each([
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['GIF89a', 'image/gif'],
    ['RIFF\x01\x02\x03\x04WEBPVP8 ', 'image/webp'],
    ['BM\x36\x10\0\0\0\0\0\0', 'image/bmp'],
    ['\0\0\0\x20ftypavif', 'image/avif'],
    ['\0\0\0\x20ftypheic', 'image/heic'],
    ['II*\0', 'image/tiff'],
    ['%PDF-1.7', 'application/pdf'],
    ['PK\x03\x04…[Content_Types].xml…xl/workbook.xml', XLSX],
    ['PK\x03\x04…a.txt', 'application/zip'],
    ['PK\x05\x06', 'application/zip'],
    ['\x1f\x8b\x08\0', 'application/gzip'],
    ['\x7fELF\x02\x01\x01\0', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('%j is %s, although its name and the uploader say text/html', (head, type) => {
    const bytes = head.includes('…') ? utf8(head) : latin(head);

    expect(sniffType(bytes, { filename: 'a.html', claimedType: 'text/html' })).toBe(type);
  });

  it.each([
    ['a.csv', undefined, 'text/csv'],
    ['a.CSV', 'application/octet-stream', 'text/csv'],
    ['a.json', undefined, 'application/json'],
    ['a.txt', 'text/csv; charset=utf-8', 'text/csv'],
    ['a', undefined, 'text/plain'],
    ['a.html', 'text/html', 'text/plain'],
    ['a.svg', 'image/svg+xml', 'text/plain'],
    ['a.js', 'text/javascript', 'text/plain'],
    ['a.png', 'image/png', 'text/plain'],
  ])('a text called %s and claimed to be %s is %s', (filename, claimedType, type) => {
    expect(sniffType(utf8('name,größe\n'), { filename, claimedType })).toBe(type);
  });

  it.each(['<!doctype html><script>alert(1)</script>', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'])(
    'is text/plain for a text that a browser would run: %s',
    (text) => {
      expect(sniffType(utf8(text), { filename: 'a', claimedType: 'text/html' })).toBe('text/plain');
    },
  );

  it('still finds a text when the last character of the head is cut in half', () => {
    expect(sniffType(utf8('ä'.repeat(5000)).subarray(0, 4095), { filename: 'a' })).toBe('text/plain');
  });
});
