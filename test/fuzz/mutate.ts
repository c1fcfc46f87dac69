// Changes a valid value in one place, so that it is nearly valid, and makes texts that no caller sends on purpose.
import type { Dice } from './dice.ts';

const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e\u{1f600}',
  'é'.repeat(300),
  'x'.repeat(5000),
  "' OR 1=1; --",
  '%',
  '%00',
  '../../etc/passwd',
  'null',
  'NaN',
  '-1',
  '1e999',
  '0x10',
  '9007199254740993',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '00000000-0000-0000-0000-000000000000',
  '{"a":',
  '__proto__',
];

const VALUES: unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { constructor: { prototype: {} } },
  ...TEXTS,
];

const JUNK_KEYS = ['extra', '', '__proto__', 'constructor', 'a.b', '\u0000'];

export function junkText(dice: Dice): string {
  return dice.pick(TEXTS);
}

/** A copy with one change: a value replaced, a field removed or added, a list shortened or lengthened. */
export function mutate(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value)) return mutateList(value, dice);
  if (typeof value === 'object' && value !== null) return mutateObject(value, dice);
  if (typeof value === 'number' && dice.chance(0.5)) return dice.pick([value + 1, value - 1, -value, value + 0.5]);
  return dice.pick(VALUES);
}

function mutateList(list: unknown[], dice: Dice): unknown {
  const at = dice.below(Math.max(1, list.length));
  if (list.length === 0 || dice.chance(0.15)) return dice.pick(VALUES);
  if (dice.chance(0.15)) return list.toSpliced(at, 1);
  if (dice.chance(0.15)) return [...list, list[at]];
  return list.with(at, mutate(list[at], dice));
}

function mutateObject(given: object, dice: Dice): unknown {
  const entries = Object.entries(given);
  if (dice.chance(0.05)) return dice.pick(VALUES);
  if (entries.length === 0 || dice.chance(0.15))
    return fromEntries([...entries, [dice.pick(JUNK_KEYS), dice.pick(VALUES)]]);
  const at = dice.below(entries.length);
  const [name, inner] = entries[at] as [string, unknown];
  if (dice.chance(0.2)) return fromEntries(entries.toSpliced(at, 1));
  return fromEntries(entries.with(at, [name, mutate(inner, dice)]));
}

/** Own fields only, also for `__proto__`. */
function fromEntries(entries: [string, unknown][]): object {
  const made = {};
  for (const [name, value] of entries)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}
