// Which conditions a text becomes. What they find is in list-tasks.test.ts.
import { describe, expect, it } from 'vitest';
import { matchIds, matchText } from '../../../src/engine/store/match-text.ts';

const NAMES = ['email.send', 'email.welcome', 'image.thumbnail'];

describe('a text', () => {
  it.each([
    ['EMAIL', ['email.send', 'email.welcome'], [[]]],
    ['email send', ['email.send'], [[]]],
    ['  email\tel  ', ['email.welcome'], [[]]],
    ['0190', undefined, [["id >= '0190' AND id < '0190g'"]]],
    ['welcome 0190', ['email.welcome'], [["id >= '0190' AND id < '0190g'"]]],
  ])('%j needs all its words', (text, names, ids) => {
    expect(matchText(NAMES, text)).toEqual({ names, ids });
  });

  it.each(['email thumbnail', 'email nothing', 'nothing', 'abc', "0190'"])('%j matches nothing', (text) => {
    expect(matchText(NAMES, text)).toBeUndefined();
  });
});

describe('a part of an id', () => {
  it('of 8 to 12 digits is also looked for at the end of the newest ids', () => {
    expect(matchIds('tasks', ['1234567'])).toHaveLength(1);
    expect(matchIds('tasks', ['0123456789abc'])).toHaveLength(1);
    const [, end] = matchIds('workflows', ['b302a057']);
    expect(end?.[0]).toContain('FROM workflows ORDER BY id DESC LIMIT 1 OFFSET 19999');
    expect(end?.[0]).toContain("substr(id, -8) = 'b302a057'");
  });

  it('and another must both match', () => {
    const ways = matchIds('tasks', ['b302a057', '0190']);
    expect(ways).toHaveLength(2);
    for (const [, other] of ways) expect(other).toBe("(id >= '0190' AND id < '0190g')");
  });
});
