import { describe, expect, it } from 'vitest';
import { derivedFilename, faultOfFilename, keptFilename } from '../../src/files/filename.ts';

describe('a filename', () => {
  it.each(['photo.jpg', 'Übermut – 写真 (1)*.jpg', '👩‍👩‍👧.png', 'a"b.txt', '.env', 'x'.repeat(200)])(
    'may be %.30s',
    (name) => {
      expect(faultOfFilename(name)).toBeUndefined();
    },
  );

  it.each([
    '',
    ' ',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a\0b',
    'a\r\nb',
    'a\x7f',
    'gpj.\u202eexe',
    'a\u2028b',
    'a\tb',
    'gpj.\u200eexe',
    'gpj.\u200fexe',
    'gpj.\u061cexe',
    'x'.repeat(201),
    'a\ud800',
  ])('may not be %j', (name) => {
    expect(faultOfFilename(name)).toMatch(/^must /);
  });
});

describe('a filename that is too long', () => {
  const long = `${'x'.repeat(196)}.jpg`;

  it('is cut before its extension', () => {
    expect(keptFilename(`x${long}`)).toBe(long);
    expect(keptFilename(long)).toBe(long);
    expect(keptFilename(`a.${'x'.repeat(300)}`)).toBe(`a.${'x'.repeat(198)}`);
    expect(keptFilename('x'.repeat(300))).toBe('x'.repeat(200));
    expect(keptFilename('a\ud800.txt')).toBe('a\ufffd.txt');
  });

  it('is cut before the suffix of a file that was made from it', () => {
    expect(derivedFilename('photo.jpeg', '-50x40.png')).toBe('photo-50x40.png');
    expect(derivedFilename('photo', '.json')).toBe('photo.json');
    expect(derivedFilename(long, '-500x375.jpg')).toBe(`${'x'.repeat(188)}-500x375.jpg`);
  });
});
