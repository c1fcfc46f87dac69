// Task ids carry the time of their creation.
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { callbackIdOf, firstId, timeOf } from '../../../src/engine/store/ids.ts';

const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 });

it('the time of an id is the instant it was made at', () => {
  fc.assert(
    fc.property(instant, (msecs) => {
      expect(timeOf(uuidv7({ msecs }))).toBe(msecs);
      expect(timeOf(firstId(msecs))).toBe(msecs);
    }),
  );
});

it('the first id of an instant is at or below every id of it, and above every id before it', () => {
  fc.assert(
    fc.property(instant, (msecs) => {
      expect(firstId(msecs) <= uuidv7({ msecs })).toBe(true);
      if (msecs > 0) expect(firstId(msecs) > uuidv7({ msecs: msecs - 1 })).toBe(true);
    }),
  );
});

it('a time before 1970 has the first id there is', () => {
  expect(firstId(-1)).toBe('00000000-0000-7000-8000-000000000000');
});

it('the id of a callback differs from the task’s in one digit, and carries the same time', () => {
  const id = uuidv7();
  const callback = callbackIdOf(id);
  expect([...callback].filter((digit, index) => digit !== id[index])).toEqual(['8']);
  expect(timeOf(callback)).toBe(timeOf(id));
});
