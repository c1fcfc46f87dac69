// The ports that every deployed Worker has alike.
import { systemClock } from './clock.ts';
import type { Engine } from './engine.ts';
import { consoleLogger } from './logger.ts';

export const system: Pick<Engine, 'clock' | 'logger' | 'random'> = {
  clock: systemClock,
  logger: consoleLogger,
  random: Math.random,
};
