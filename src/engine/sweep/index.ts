// The sweep: runs every minute and repairs what got stuck. Each chore is safe to run twice, half, or beside another sweep. A
// chore that fails does not stop the others.
import type { Engine } from '../engine.ts';
import { fireSchedules } from '../schedule/fire.ts';
import { recordSweep } from '../store/sweep-record.ts';
import { expire } from './expire.ts';
import { redeliver } from './redeliver.ts';
import { rescue } from './rescue.ts';
import { rollUpStats } from './roll-up.ts';

/** In this order: schedules are on time. */
const CHORES = { fire: fireSchedules, rescue, expire, redeliver, rollUp: rollUpStats };

/** The number of tasks that each chore handled; -1 when it failed. */
export type SweepReport = Record<keyof typeof CHORES, number>;

/** Never throws. */
export async function sweep(engine: Engine): Promise<SweepReport> {
  const report: SweepReport = { fire: 0, rescue: 0, expire: 0, redeliver: 0, rollUp: 0 };
  for (const [name, chore] of Object.entries(CHORES) as [keyof SweepReport, (engine: Engine) => Promise<number>][]) {
    try {
      report[name] = await chore(engine);
    } catch (error) {
      report[name] = -1;
      engine.logger.error('chore failed', { chore: name, error });
    }
  }
  await recordSweep(engine, 'sweep').catch((error: unknown) => engine.logger.error('sweep not recorded', { error }));
  return report;
}
