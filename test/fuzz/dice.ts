// Random choices that a seed repeats.
import { seededRandom } from '../chaos/random.ts';

export interface Dice {
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A whole number from 0 up to, and without, `below`. */
  below(below: number): number;
}

/** `number` makes the dice of each request independent of the requests before it. */
export function rollDice(seed: number, number: number): Dice {
  const random = seededRandom(seed * 1_000_003 + number);
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    chance: (probability) => random() < probability,
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to pick from.');
      return item;
    },
  };
}
