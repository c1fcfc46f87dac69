// The default queue with its delays: each message is delivered when its delay is over, by the engine's clock.
import { consume } from '../../src/engine/manage.ts';
import { aBatch, type TestEngine } from './engine.ts';

interface Held {
  /** Epoch milliseconds. */
  at: number;
  body: unknown;
}

const MAX_DELIVERIES = 1000;
const heldBy = new WeakMap<TestEngine, Held[]>();

/** Delivers for this many seconds, or until no message is left: one delivery at a time, as the local queue does. */
export async function deliverInTime(engine: TestEngine, seconds = Number.POSITIVE_INFINITY): Promise<void> {
  await engine.idle();
  const held = heldOf(engine);
  const until = engine.clock.now() + seconds * 1000;
  for (let delivery = 0; delivery < MAX_DELIVERIES; delivery++) {
    held.sort((a, b) => a.at - b.at);
    const next = held[0]?.at ?? Number.POSITIVE_INFINITY;
    if (next === Number.POSITIVE_INFINITY && seconds === Number.POSITIVE_INFINITY) return;
    engine.advance(Math.max(0, Math.min(next, until) - engine.clock.now()) / 1000);
    if (next > until) return;
    const due = held.splice(0, held.filter(({ at }) => at <= engine.clock.now()).length);
    const bodies = due.map(({ body }) => body);
    await consume(engine, 'default', aBatch('default', bodies));
    await engine.idle();
  }
  throw new Error(`Messages are left after ${MAX_DELIVERIES} deliveries.`);
}

/** The messages that are not delivered yet. Those sent before the first call are due at once. */
function heldOf(engine: TestEngine): Held[] {
  const known = heldBy.get(engine);
  if (known) return known;
  const held: Held[] = engine.sent.default.splice(0).map(({ body }) => ({ at: 0, body }));
  const { sendBatch } = engine.queues.default;
  engine.queues.default.sendBatch = async (messages) => {
    const requests = [...messages];
    const now = engine.clock.now();
    held.push(...requests.map(({ body, delaySeconds = 0 }) => ({ at: now + delaySeconds * 1000, body })));
    return sendBatch(requests);
  };
  heldBy.set(engine, held);
  return held;
}
