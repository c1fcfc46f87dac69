import { describe, expect, it, vi } from 'vitest';
import { Losses, reasonOf } from '../../../src/documents/pdf/losses.ts';

describe('losses', () => {
  it('are the warnings of the reading that is going on, each once, with its page', async () => {
    const [one, other] = [new Losses(), new Losses()];
    const reading = (losses: Losses, page: number) =>
      losses.collect(async () => {
        losses.page = page;
        await scheduler.wait(0);
        for (const _ of [1, 2]) console.warn(`Warning: Font "F${page}" is not available.`);
      });
    await Promise.all([reading(one, 1), reading(other, 2)]);

    expect(one.list()).toEqual([
      { page: 1, reason: 'The font F1 is missing. Its text was read in a standard encoding.' },
    ]);
    expect(other.list()).toMatchObject([{ page: 2 }]);
  });

  it('are at most 100, and the number of the others', () => {
    const losses = new Losses();
    for (let page = 1; page <= 105; page++) losses.add('x', page);

    expect(losses.list()).toHaveLength(101);
    expect(losses.list().at(-1)).toEqual({ page: null, reason: '5 other losses are not listed.' });
  });

  it('leave the console to everything else', async () => {
    const losses = new Losses();
    const print = vi.fn();
    await losses.collect(async () => print('kept'));

    expect(print).toHaveBeenCalledOnce();
    expect(losses.list()).toEqual([]);
  });

  it.each(['TT: undefined function: 1', 'Indexing all PDF objects', 'Unsupported blend mode: x'])(
    'do not include "%s"',
    (warning) => {
      expect(reasonOf(warning)).toBeUndefined();
    },
  );

  it('include a warning that is not known', () => {
    expect(reasonOf('Something new: "FormatError: is broken".')).toBe('PDF.js reports: is broken.');
  });
});
