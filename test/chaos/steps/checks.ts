// What must hold for steps after the chaos test, whatever was killed when. Pure.
import { type Check, check } from '../invariants.ts';
import type { Call } from './calls.ts';
import type { Ended, StepFacts, StepKill, StepRecord } from './collect.ts';
import { eventId } from './events.ts';
import { EVENTS, STEPS } from './load.ts';

export function checkSteps(facts: StepFacts): Check[] {
  const { ended, calls, sent, kills } = facts;
  const byTask = Map.groupBy(calls, ({ label }) => label);
  const callsOf = ({ load }: Ended) => byTask.get(load.label) ?? [];
  const of = (holds: (task: Ended, own: Call[]) => boolean) => ended.filter((task) => !holds(task, callsOf(task)));
  const repeats = findRepeats(calls);
  const unexplained = repeats.filter((repeat) => !isExplained(repeat, calls, kills));
  const undone = ended.filter(({ load }) => load.fails);
  const waiting = ended.filter(({ load }) => load.waits);
  const detail = (wrong: Ended[], among: string) => `${among}, ${describe(wrong)}`;
  const doubled = sent.length - new Set(sent.map(({ id }) => id)).size;
  return [
    check(
      ended.length > 0 && of(endedAsItMust).length === 0,
      'Every task ended as it must.',
      detail(of(endedAsItMust), `${ended.length} tasks`),
    ),
    check(
      of(recordedOnce).length === 0,
      'Every step was recorded once, and what was recorded never changed.',
      detail(of(recordedOnce), `${ended.length * STEPS} steps`),
    ),
    check(of(inOrder).length === 0, 'No step began before the record of the step before it.', describe(of(inOrder))),
    check(
      unexplained.length === 0,
      'The server saw a call again only where a kill fell between the call and its record.',
      `${repeats.length} repeats of ${calls.length} calls, ${unexplained.length} unexplained`,
    ),
    check(
      of(noneFencedOut).length === 0,
      'No call, and no record, came from a runner that another one had replaced.',
      describe(of(noneFencedOut)),
    ),
    check(
      of(sameKeys).length === 0,
      'A step that ran again had the same idempotency key, and no other step had it.',
      describe(of(sameKeys)),
    ),
    check(
      waiting.length > 0 && waiting.every(tookItsEvents),
      'Each wait took its own event: none was lost, none was taken twice.',
      `${waiting.length * EVENTS} waits, ${doubled} events sent twice`,
    ),
    check(
      sent.every(({ id, woken }) => woken === 0 || !id.endsWith('-stray')),
      'An event for which no task waits woke none.',
      `${sent.filter(({ id }) => id.endsWith('-stray')).length} events`,
    ),
    check(
      undone.length > 0 && of(undoneOnce).length === 0,
      'Each undo of a failed task ran, in reverse, and was recorded once.',
      detail(of(undoneOnce), `${undone.length * STEPS} undos`),
    ),
    check(
      kills.every(({ processes }) => processes > 0) && kills.some(({ inFlight }) => inFlight > 0),
      'The kills hit running steps.',
      `${kills.reduce((sum, { inFlight }) => sum + inFlight, 0)} calls were under way at ${kills.length} kills`,
    ),
  ];
}

function endedAsItMust({ load, status, error, result, steps }: Ended): boolean {
  if (load.fails) return status === 'FAILURE' && error?.code === 'on_purpose';
  return status === 'SUCCESS' && String(result?.tickets) === String(ticketsOf(steps));
}

/** Every runner was given the same results of the steps, and these are what is recorded. */
function recordedOnce({ steps }: Ended, calls: readonly Call[]): boolean {
  const tickets = ticketsOf(steps);
  const isWhole = tickets.length === STEPS && steps.every(({ outcome }) => outcome === 'done');
  const names = new Set(steps.map(({ name, occurrence }) => `${name} ${occurrence}`));
  const same = calls
    .filter(({ kind }) => kind === 'do')
    .every((call) => call.tickets.every((ticket, i) => ticket === tickets[i]));
  return isWhole && names.size === steps.length && same;
}

function inOrder({ steps }: Ended, calls: readonly Call[]): boolean {
  const records = doSteps(steps);
  const after = records.every(({ started_at }, i) => i === 0 || (records[i - 1]?.ended_at ?? '9') <= started_at);
  return after && calls.every(({ kind, step, tickets }) => kind === 'undo' || step === `step ${tickets.length + 1}`);
}

interface Repeat {
  first: Call;
  again: Call;
}

/** Calls of the same step, or of the same undo, after one that the server took. */
function findRepeats(calls: readonly Call[]): Repeat[] {
  const taken = calls.filter(({ isTaken }) => isTaken);
  return [...Map.groupBy(taken, stepOf).values()].flatMap((same) =>
    same.slice(1).flatMap((again, i) => (same[i] ? [{ first: same[i], again }] : [])),
  );
}

/** A kill fell between both, and the first was the last thing that its runner did. */
function isExplained({ first, again }: Repeat, calls: readonly Call[], kills: readonly StepKill[]): boolean {
  const wentOn = calls.some(
    ({ label, runner, ticket }) => label === first.label && runner === first.runner && ticket > first.ticket,
  );
  const killed = kills.some(({ killedAt, answeredAt }) => first.arrivedAt <= answeredAt && again.arrivedAt >= killedAt);
  return killed && !wentOn;
}

/** Once a runner has called, the ones before it call no more; and the record of a step is that of the last call. */
function noneFencedOut({ steps }: Ended, calls: readonly Call[]): boolean {
  const turns = calls.map(({ runner }) => runner).filter((runner, i, all) => runner !== all[i - 1]);
  const last = new Map(
    calls.filter(({ kind, isTaken }) => kind === 'do' && isTaken).map(({ step, ticket }) => [step, ticket]),
  );
  return new Set(turns).size === turns.length && doSteps(steps).every(({ name, result }) => last.get(name) === result);
}

function sameKeys(_: Ended, calls: readonly Call[]): boolean {
  const keys = new Set(calls.map((call) => `${call.kind} ${call.step} ${call.key}`));
  return keys.size === new Set(calls.map(stepOf)).size && keys.size === new Set(calls.map(({ key }) => key)).size;
}

function tookItsEvents({ load, steps }: Ended): boolean {
  const events = steps.filter(({ event_id: id }) => id !== null);
  const wanted = Array.from({ length: EVENTS }, (_, i) => [eventId(load.label, i + 1), i + 1]);
  return String(events.map(({ event_id: id, result }) => [id, result])) === String(wanted);
}

/** A task that succeeded undid nothing. */
function undoneOnce({ load, steps }: Ended, calls: readonly Call[]): boolean {
  const undos = calls.filter(({ kind, isTaken }) => kind === 'undo' && isTaken);
  if (!load.fails) return undos.length === 0;
  const order = [...new Set(undos.map(({ step }) => step))];
  const wanted = doSteps(steps)
    .map(({ name }) => name)
    .reverse();
  const results = new Map(doSteps(steps).map(({ name, result }) => [name, result]));
  return (
    String(order) === String(wanted) &&
    order.length === STEPS &&
    doSteps(steps).every(({ undo }) => undo?.outcome === 'done') &&
    undos.every(({ step, tickets }) => tickets[0] === results.get(step))
  );
}

function stepOf({ label, kind, step }: Call): string {
  return `${label} ${kind} ${step}`;
}

function doSteps(steps: readonly StepRecord[]): StepRecord[] {
  return steps.filter(({ name }) => name.startsWith('step '));
}

function ticketsOf(steps: readonly StepRecord[]): unknown[] {
  return doSteps(steps).map(({ result }) => result);
}

function describe(wrong: readonly Ended[]): string {
  return wrong.length === 0
    ? 'none otherwise'
    : `${wrong.length} otherwise: ${wrong
        .slice(0, 3)
        .map(({ load, status }) => `${load.label} ${status}`)
        .join(', ')}`;
}
