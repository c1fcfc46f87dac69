import { describe, expect, it } from 'vitest';
import { characterMaps } from '../../../src/documents/pdf/character-maps.ts';
import { refusal } from '../source.ts';
import { asset } from './cases.ts';

const fetchWith = (from: typeof asset | undefined, filename: string, kind = 'cMapUrl') =>
  new (characterMaps(from).BinaryDataFactory)().fetch({ kind, filename });

describe('predefined character maps', () => {
  it.each(['90ms-RKSJ-H', 'UniGB-UCS2-V', 'ETen-B5-H', 'KSCms-UHC-H', 'Adobe-Japan1-UCS2'])(
    'include %s',
    async (name) => {
      expect((await fetchWith(asset, `${name}.bcmap`)).length).toBeGreaterThan(50);
    },
  );

  it('are named if they are not there, and are the only files that a PDF can load', async () => {
    expect(String(await refusal(fetchWith(asset, 'None-H.bcmap')))).toContain('None-H');
    expect(await refusal(fetchWith(undefined, 'UniGB-UCS2-V.bcmap'))).toBeInstanceOf(Error);
    expect(await refusal(fetchWith(asset, '../index.html'))).toBeInstanceOf(Error);
    expect(await refusal(fetchWith(asset, 'UniGB-UCS2-V.bcmap', 'wasmUrl'))).toBeInstanceOf(Error);
  });
});
