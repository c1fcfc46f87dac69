// The invariants of steps, whatever the order of deliveries, duplicates, losses, crashes, expired leases, redeploys, retries and
// events. Each was broken by hand once, and these tests failed then:
//
// 1. A recorded step's body never runs again.                      this file: "each step ends once"
// 2. A record is written by the current fence only.                this file: "each step ends once"; do-step.test.ts: "records no step"
// 3. The code asks for the same steps; another kind is `diverged`. do-step.test.ts: "diverged", "no longer asked for"
// 4. Sleeps and waits hold nothing and count as no attempt.        waits.test.ts: "holds no lease", "deadline"; undo.test.ts: "expires"
// 5. No event is lost between looking and waiting.                 this file: "each step ends once"; waits.test.ts: "whatever the order"
// 6. A retry keeps steps; `from_step` forgets some of them.        do-step.test.ts: "a retry by hand"; manage-steps.test.ts: "from a step"
// 7. Undos run once each, before the end is shown.                 this file: "each step ends once"; undo.test.ts: "before it is final"
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Definition, PermanentFailure, type TaskContext } from '../../../src/engine/index.ts';
import { consume, createRegistry, enqueue, findTask, sendEvent, sweep } from '../../../src/engine/manage.ts';
import { claimAndDie } from '../../support/dying.ts';
import { aBatch, makeEngine, type TestEngine } from '../../support/engine.ts';
import { startWitness, stopWitness, takeWrites, witnessed } from '../../support/step-witness.ts';
import { stepped, stepRowsOf } from '../../support/stepped.ts';

beforeAll(startWitness);
afterAll(stopWitness);

/** `outlived`: its lease runs out in its first run. `overtaken`: another runner finishes the step meanwhile, too. */
const Part = fc.constantFrom('work', 'fail once', 'sleep', 'event', 'beside');
const Trouble = fc.constantFrom('none', 'outlived', 'overtaken', 'undo outlived');
const Happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deliver twice' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('redeploy' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), which: fc.nat(120) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), which: fc.nat(20) }) },
);
const Case = fc.record({
  parts: fc.array(Part, { minLength: 2, maxLength: 6 }),
  trouble: Trouble,
  fails: fc.boolean(),
  happenings: fc.array(Happening, { maxLength: 18 }),
});
type Case = typeof Case extends fc.Arbitrary<infer Each> ? Each : never;

/** The tests of one case: the engine of the deployment that is current, and what ran. */
class World {
  readonly given: Case;
  readonly bodies: { name: string; wasRecorded: boolean; missing: number }[] = [];
  readonly undos: string[] = [];
  readonly refused: unknown[] = [];
  engine!: TestEngine;
  id = '';
  /** A run that lost its task is not waited for, and these are parts of such runs. */
  readonly #overtaking: Promise<void>[] = [];
  #troubled = false;
  #sent = 0;

  constructor(given: Case) {
    this.given = given;
  }

  async begin(): Promise<void> {
    const definition = this.#define();
    const engine = await makeEngine([definition]);
    this.engine = { ...engine, db: witnessed(engine.db, this.refused) };
    // Ids of tasks have the time of the real clock, and no event may seem older than the task.
    this.engine.advance(60);
    const [receipt] = await enqueue(this.engine, [{ definition, input: null }]);
    this.id = receipt!.taskId;
    await this.engine.idle();
  }

  get events(): number {
    return this.given.parts.filter((part) => part === 'event').length;
  }

  /** Another deployment of the same code, in another isolate, on the same database, queues and clock. */
  redeploy(): void {
    this.engine = { ...this.engine, registry: createRegistry([this.#define()]) };
  }

  async deliver(index: number, times: number): Promise<void> {
    const messages = this.engine.sent.default;
    const [message] = messages.splice(index % Math.max(1, messages.length), 1);
    if (!message) return;
    const { engine } = this;
    const batches = Array.from({ length: times }, () => consume(engine, 'default', aBatch('default', [message.body])));
    await Promise.all(batches);
    await Promise.all(this.#overtaking);
    await engine.idle();
  }

  /** Sends the next event, or the last one again. */
  async send(again = false): Promise<void> {
    if (!again) this.#sent++;
    if (this.#sent === 0 || this.#sent > this.events) return;
    this.engine.advance(0.001);
    const event = { type: 'tick', key: this.id, payload: this.#sent, id: `${this.id} ${this.#sent}` };
    const receipts = await Promise.all([sendEvent(this.engine, event), sendEvent(this.engine, event)]);
    expect(receipts.filter(({ duplicate }) => !duplicate).length).toBeLessThanOrEqual(1);
  }

  async toTheEnd(): Promise<void> {
    while (this.#sent < this.events) await this.send();
    for (let round = 0; round < 80; round++) {
      const { state } = await findTask(this.engine, this.id);
      if (state === 'SUCCESS' || state === 'FAILURE') return;
      this.engine.advance(61);
      await sweep(this.engine);
      while (this.engine.sent.default.length > 0) await this.deliver(0, 1);
    }
  }

  #define(): Definition<never, never> {
    return stepped((ctx) => this.#run(ctx), { retry: { max: 5, backoff: () => 5 } }) as never;
  }

  async #run({ step }: TaskContext): Promise<unknown> {
    const taken: unknown[] = [];
    let failed = this.given.parts.length;
    for (const [n, part] of this.given.parts.entries()) {
      if (part === 'sleep') await step.sleep(`part ${n}`, '40 seconds');
      else if (part === 'event') {
        const { payload } = await step.waitForEvent(`part ${n}`, { type: 'tick', key: this.id, timeout: '1 year' });
        taken.push(payload);
      } else {
        const names = part === 'beside' ? [`part ${n}`, `part ${n} too`] : [`part ${n}`];
        await Promise.all(names.map((name) => this.#do(step, name, n)));
      }
      failed--;
    }
    if (this.given.fails) throw new PermanentFailure('at its end', 'at_end');
    return [failed, ...taken];
  }

  #do(step: TaskContext['step'], name: string, n: number): Promise<unknown> {
    const undo = async (result: unknown) => {
      expect(result).toBe(`result of ${name}`);
      this.undos.push(name);
      if (this.given.trouble === 'undo outlived' && this.#isFirstTrouble()) await this.#outlive();
    };
    const body = async () => {
      const rows = await stepRowsOf(this.id);
      const wasRecorded = rows.some((row) => row.name === name && row.outcome !== 'open');
      const before = Array.from({ length: n }, (_, i) => `part ${i}`);
      const isOver = ({ outcome, kind, until }: (typeof rows)[number]) =>
        outcome === 'done' || (kind === 'sleep' && Number(until) <= this.engine.clock.now());
      const missing = before.filter((earlier) => !rows.some((row) => row.name === earlier && isOver(row))).length;
      this.bodies.push({ name, wasRecorded, missing });
      const runs = this.bodies.filter((body) => body.name === name).length;
      if (this.given.parts[n] === 'fail once' && runs === 1) throw new Error('once');
      const { trouble } = this.given;
      if ((trouble === 'outlived' || trouble === 'overtaken') && n === 1 && this.#isFirstTrouble()) {
        await this.#outlive();
        if (trouble === 'overtaken') {
          this.engine.advance(1);
          const overtaking = this.#overtake();
          this.#overtaking.push(overtaking);
          await overtaking;
        }
      }
      return `result of ${name}`;
    };
    return step.do(name, body, this.given.fails ? { undo } : undefined);
  }

  /** Delivers within a run, so it must not wait for that run. */
  async #overtake(): Promise<void> {
    for (;;) {
      const [message] = this.engine.sent.default.splice(0, 1);
      if (!message) return;
      await consume(this.engine, 'default', aBatch('default', [message.body]));
    }
  }

  #isFirstTrouble(): boolean {
    const isFirst = !this.#troubled;
    this.#troubled = true;
    return isFirst;
  }

  /** The lease of the run that calls this runs out, and the sweep takes its task back. */
  async #outlive(): Promise<void> {
    this.engine.advance(61);
    await sweep(this.engine);
  }
}

async function happen(world: World, { happenings, trouble }: Case): Promise<void> {
  // The third crash would end the task.
  let crashes = trouble === 'none' ? 2 : 1;
  for (const one of happenings) {
    if (one.do === 'deliver') await world.deliver(one.which, 1);
    else if (one.do === 'deliver twice') await world.deliver(one.which, 2);
    else if (one.do === 'lose') world.engine.sent.default.splice(one.which % 3, 1);
    else if (one.do === 'redeploy') world.redeploy();
    else if (one.do === 'send') await world.send(one.which % 3 === 0);
    else if (one.do === 'crash' && crashes-- > 0) await claimAndDie(world.engine, [world.id], true);
    else if (one.do === 'sweep') {
      world.engine.advance(one.which);
      await sweep(world.engine);
    }
    await world.engine.idle();
  }
}

it('each step ends once, after the one before it; each event is taken once; each undo runs once, in reverse', async () => {
  await fc.assert(
    fc.asyncProperty(Case, async (given) => {
      await env.DB.batch(
        ['tasks', 'leases', 'attempts', 'task_steps', 'events'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      );
      await takeWrites();
      const world = new World(given);
      await world.begin();
      await happen(world, given);
      await world.toTheEnd();

      const task = await findTask(world.engine, world.id);
      const ticks = Array.from({ length: world.events }, (_, n) => n + 1);
      if (given.fails) expect([task.state, task.error?.code]).toEqual(['FAILURE', 'at_end']);
      else expect([task.state, task.result]).toEqual(['SUCCESS', { json: JSON.stringify([0, ...ticks]) }]);

      const rows = await stepRowsOf(world.id);
      const writes = await takeWrites();
      const named = (what: string) => writes.filter((write) => write.what === what).map(({ name }) => name);
      const ended = rows.filter(({ kind }) => kind !== 'sleep');
      expect(named('ended').sort()).toEqual(ended.map(({ name }) => `${name} 1`).sort());
      expect(named('again')).toEqual([]);
      const done = rows.filter(({ kind }) => kind === 'do').map(({ name }) => String(name));
      const own = writes.filter(({ name, what }) => what === 'ended' && done.includes(name.replace(/ 1$/, '')));
      expect(own.every(({ isHeld }) => isHeld === 1)).toBe(true);

      expect([...new Set(world.bodies.map(({ name }) => name))].sort()).toEqual([...done].sort());
      expect(world.bodies.filter(({ wasRecorded, missing }) => wasRecorded || missing > 0)).toEqual([]);
      expect(rows.filter(({ kind }) => kind === 'event').map(({ event_id }) => event_id)).toEqual(
        ticks.map((n) => `${world.id} ${n}`),
      );

      const undone = rows.filter(({ undo }) => undo === 'done').map(({ name }) => String(name));
      expect(undone.sort()).toEqual(given.fails ? [...done].sort() : []);
      expect(world.refused).toEqual([]);
      expect([...new Set(world.undos)].sort()).toEqual(given.fails ? [...done].sort() : []);
      const lastFirst = [...new Set(world.undos)].map((name) => Number(name.split(' ')[1]));
      expect(lastFirst).toEqual([...lastFirst].sort((a, b) => b - a));
      // An undo runs again only when its runner lost the task before the record.
      expect(world.undos.length - new Set(world.undos).size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 25 },
  );
}, 120_000);
