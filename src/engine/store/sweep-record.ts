// When each chore of the sweep ran last: for health checks, and for chores that need not run every minute.
import type { Engine } from '../engine.ts';
import { commit, read } from './commit.ts';

export async function recordSweep(engine: Engine, chore: string): Promise<void> {
  const write =
    'INSERT INTO sweeps (chore, ran_at) VALUES (?1, ?2) ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at';
  await commit(engine, [engine.db.prepare(write).bind(chore, engine.clock.now())], { repeatable: true });
}

/** Epoch milliseconds; undefined when it never ran. */
export async function lastSweep(engine: Engine, chore: string): Promise<number | undefined> {
  const query = engine.db.prepare('SELECT ran_at FROM sweeps WHERE chore = ?1').bind(chore);
  const [row] = await read<{ ran_at: number }>(engine, query);
  return row?.ran_at;
}
