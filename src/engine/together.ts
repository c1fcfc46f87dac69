// Does in one go what concurrent requests of an isolate ask for, because a round trip to D1 takes far longer than its rows. A
// call that finds nothing running goes at once. Calls that arrive meanwhile form the next group, and whichever of them first
// sees the running one end leads it. As in followed.ts, no request waits for a promise of another one: workerd cancels what
// waits for a request that has ended. Each looks at the group by timers of its own, and no group depends on one request.
import type { Engine } from './engine.ts';

/** Runs the calls of a group in one go. Outcomes come in the order of the calls. Running a call twice must equal running it once. */
export type RunTogether<Call, Outcome> = (calls: readonly Call[]) => Promise<Outcome[]>;

/** The group that runs, and the one that forms meanwhile. One for each engine and kind of call. */
export interface Line<Call, Outcome> {
  running: Group<Call, Outcome> | undefined;
  forming: Group<Call, Outcome> | undefined;
  /** How long the latest group ran, in milliseconds. */
  took: number;
}

interface Group<Call, Outcome> {
  calls: Call[];
  /** When a request began to run it, epoch milliseconds; undefined: it still forms. */
  since: number | undefined;
  outcomes?: Outcome[];
  error?: unknown;
  ended: boolean;
}

/** A larger group would hold up its first call. */
const MAX_CALLS = 100;
/** A group that has run for longer is taken for lost: its request is gone. D1 answers or fails earlier. */
const LOST_MS = 5000;

export function createLine<Call, Outcome>(): Line<Call, Outcome> {
  return { running: undefined, forming: undefined, took: 0 };
}

/**
 * The outcome of `call`, run together with those of other requests or alone. A group that fails is run again call by call, so
 * that none fails for another's sake, unless `isShared` says that each would fail in the same way.
 */
export async function runTogether<Call, Outcome>(
  engine: Engine,
  line: Line<Call, Outcome>,
  call: Call,
  run: RunTogether<Call, Outcome>,
  isShared: (error: unknown) => boolean,
): Promise<Outcome> {
  const group = join(line, call);
  if (!group) return runAlone(call, run);
  const index = group.calls.indexOf(call);
  while (!group.ended && !isLost(engine, group)) {
    if (group.since === undefined && !isRunning(engine, line)) {
      const running = lead(engine, line, group, run);
      // If this client disconnects, the group still ends, for the other requests.
      engine.defer(running);
      await running;
    } else await scheduler.wait(Math.max(1, line.took / 4));
  }
  const outcome = group.outcomes?.[index];
  if (outcome !== undefined) return outcome;
  if (group.ended && isShared(group.error)) throw group.error;
  return runAlone(call, run);
}

async function runAlone<Call, Outcome>(call: Call, run: RunTogether<Call, Outcome>): Promise<Outcome> {
  const [outcome] = await run([call]);
  if (outcome === undefined) throw new Error('A call has no outcome.');
  return outcome;
}

/** undefined: the group that forms is full. */
function join<Call, Outcome>(line: Line<Call, Outcome>, call: Call): Group<Call, Outcome> | undefined {
  line.forming ??= { calls: [], since: undefined, ended: false };
  const { forming } = line;
  if (forming.calls.length >= MAX_CALLS) return undefined;
  forming.calls.push(call);
  return forming;
}

function isLost<Call, Outcome>(engine: Engine, { since }: Group<Call, Outcome>): boolean {
  return since !== undefined && engine.clock.now() - since >= LOST_MS;
}

function isRunning<Call, Outcome>(engine: Engine, { running }: Line<Call, Outcome>): boolean {
  return running !== undefined && !running.ended && !isLost(engine, running);
}

/** Never rejects. */
async function lead<Call, Outcome>(
  engine: Engine,
  line: Line<Call, Outcome>,
  group: Group<Call, Outcome>,
  run: RunTogether<Call, Outcome>,
): Promise<void> {
  const since = engine.clock.now();
  group.since = since;
  line.running = group;
  if (line.forming === group) line.forming = undefined;
  try {
    group.outcomes = await run(group.calls);
  } catch (error) {
    group.error = error;
  }
  group.ended = true;
  line.took = engine.clock.now() - since;
}
