// What `npm run check:tutorial` is built on: a check that cannot fail would prove nothing.
import { describe, expect, it } from 'vitest';
import testing from '../docs/testing.md?raw';
import tutorial from '../docs/tutorial.md?raw';
import { blocksOf } from '../scripts/pages/blocks.ts';
import { applyDiff } from '../scripts/pages/diff.ts';
import { differences } from '../scripts/pages/differences.ts';

describe.each([
  ['docs/tutorial.md', tutorial],
  ['docs/testing.md', testing],
])('%s', (_, page) => {
  const blocks = blocksOf(page);

  it('has only blocks that the check can follow', () => {
    expect(blocks.length).toBeGreaterThan(5);
    const fences = [...page.matchAll(/^```/gm)].length;
    expect(fences).toBe(2 * blocks.length);
    const nameless = blocks.filter(
      ({ language, path }) => !['sh', 'json', 'text'].includes(language) && path === undefined,
    );
    expect(nameless).toEqual([]);
  });

  it('shows replies only after commands', () => {
    const replies = blocks.flatMap(({ language }, index) =>
      language === 'json' || language === 'text' ? [index] : [],
    );
    expect(replies.map((index) => blocks[index - 1]?.language)).toEqual(replies.map(() => 'sh'));
  });
});

describe('blocksOf', () => {
  it('finds code, line and the file that the code names', () => {
    const page =
      'a\n\n```ts\n// src/a.ts\nx;\n```\n\n```sql\n-- b/c_d.sql\n```\n\n```diff\n--- src/a.ts\n```\n\n```sh\nls\n```\n';
    expect(blocksOf(page).map(({ language, line, path }) => [language, line, path])).toEqual([
      ['ts', 4, 'src/a.ts'],
      ['sql', 9, 'b/c_d.sql'],
      ['diff', 13, 'src/a.ts'],
      ['sh', 17, undefined],
    ]);
    expect(blocksOf(page)[0]?.code).toBe('// src/a.ts\nx;\n');
  });
});

describe('applyDiff', () => {
  it('puts each line behind the line shown before it', () => {
    expect(applyDiff('a\nb\nc\n', '--- f.ts\n a\n+1\n+2\n c\n+3\n')).toBe('a\n1\n2\nb\nc\n3\n');
  });

  it('refuses a line that is not there once', () => {
    expect(() => applyDiff('a\na\n', '--- f.ts\n a\n+1\n')).toThrow('the file must have this line once: a');
    expect(() => applyDiff('a\n', '--- f.ts\n b\n+1\n')).toThrow('the file must have this line once: b');
  });
});

describe('differences', () => {
  it('finds none where the reply has more than is shown', () => {
    const shown = { id: '…', key: 'images/….jpg', items: [{ n: 1 }], none: null };
    expect(differences(shown, { id: '7', key: 'images/a-b.jpg', items: [{ n: 1, m: 2 }, {}], none: null })).toEqual([]);
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, {}],
    [{ a: null }, {}],
    [{ a: [] }, { a: {} }],
    [{ a: [1] }, { a: [] }],
    [{ a: { b: 1 } }, { a: null }],
    [{ a: 'x.jpg' }, { a: 'xyjpg' }],
    [{ a: 'x…z' }, { a: 'xy' }],
    [{ a: '1' }, { a: 1 }],
  ])('%j is not %j', (shown, reply) => {
    expect(differences(shown, reply)).toHaveLength(1);
  });
});
