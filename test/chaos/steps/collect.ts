// What the API says of the tasks with steps after the test.
import type { Api } from '../../../scripts/api.ts';
import type { Call } from './calls.ts';
import type { SentEvent } from './events.ts';
import type { Load } from './load.ts';

/** A step as the API shows it (only the fields used here). */
export interface StepRecord {
  name: string;
  occurrence: number;
  outcome: string;
  result: unknown;
  started_at: string;
  ended_at: string | null;
  event_id: string | null;
  undo: { outcome: string } | null;
}

/** One task after the test. */
export interface Ended {
  load: Load;
  /** Undefined: it is gone. */
  status: string | undefined;
  error: { code: string } | null;
  result: { tickets: number[] } | null;
  steps: StepRecord[];
}

/** One kill and restart of the server. Instants are epoch milliseconds. */
export interface StepKill {
  processes: number;
  /** Calls that had not been answered at the kill. */
  inFlight: number;
  killedAt: number;
  answeredAt: number;
}

export interface StepFacts {
  ended: Ended[];
  calls: readonly Call[];
  sent: SentEvent[];
  kills: StepKill[];
}

export async function collectEnded(api: Api, ids: ReadonlyMap<Load, string>): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const [load, id] of ids) {
    type Found = Pick<Ended, 'error' | 'result'> & { status: string };
    const task = await api.get<Found>(`/tasks/${id}`);
    const { items } = await api.get<{ items: StepRecord[] }>(`/tasks/${id}/steps`);
    ended.push({ load, status: task.status, error: task.error, result: task.result, steps: items });
  }
  return ended;
}
