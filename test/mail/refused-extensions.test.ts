import { describe, expect, it } from 'vitest';
import { refusedExtension } from '../../src/mail/refused-extensions.ts';

describe('a filename', () => {
  it.each([
    ['setup.exe', '.exe'],
    ['SETUP.EXE', '.exe'],
    ['invoice.pdf.js', '.js'],
    ['a.vbs. ', '.vbs'],
    ['.bat', '.bat'],
    ['firmware.bin', '.bin'],
    ['key.cer', '.cer'],
    ['a.wsl', '.wsl'],
  ])('%s ends with an extension that some provider refuses', (filename, extension) => {
    expect(refusedExtension(filename)).toBe(extension);
  });

  it.each(['invoice.pdf', 'exe', 'a.exe.zip', 'data.json', 'page.html', 'photo.JPG', 'notes', '', '.', 'a.js.map'])(
    '%j is sent by all providers',
    (filename) => {
      expect(refusedExtension(filename)).toBeUndefined();
    },
  );
});
