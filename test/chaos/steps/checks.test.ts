// The checks of the chaos test of steps fail when what they check is broken.
import { expect, it } from 'vitest';
import type { Call } from './calls.ts';
import { checkSteps } from './checks.ts';
import type { Ended, StepFacts } from './collect.ts';
import { eventId } from './events.ts';
import { STEPS } from './load.ts';

const RESULTS = 'what was recorded never changed';
const REPEATS = 'only where a kill fell';
const STALE = 'that another one had replaced';
const UNDOS = 'Each undo of a failed task';

/** A task that waits and fails: ten steps and their undos, two seconds each. A kill falls between both calls of step 5. */
function facts(): StepFacts & { calls: Call[]; ended: [Ended] } {
  const load = { label: 'task-3', sleeps: false, waits: true, fails: true };
  const names = Array.from({ length: STEPS }, (_, i) => `step ${i + 1}`);
  const calls: Call[] = [];
  const call = (step: string, kind: 'do' | 'undo', runner: string, tickets: number[]) => {
    const ticket = calls.length + 1;
    const key = `${step}${kind === 'undo' ? ':undo' : ''}`;
    calls.push({
      label: load.label,
      step,
      kind,
      runner,
      key,
      tickets,
      ticket,
      arrivedAt: ticket * 2000,
      isTaken: true,
    });
    return ticket;
  };
  const tickets: number[] = [];
  for (const [i, name] of names.entries()) {
    const given = [...tickets];
    if (i === 4) call(name, 'do', 'first', given);
    tickets.push(call(name, 'do', i < 4 ? 'first' : 'second', given));
  }
  for (const [i, name] of [...names.entries()].reverse()) call(name, 'undo', 'third', [tickets[i]!]);
  const at = (ticket: number) => new Date(ticket * 2000).toISOString();
  const step = (name: string, result: unknown, event_id: string | null, undo: string | undefined) => {
    const times = { started_at: at(Number(result)), ended_at: at(Number(result)) };
    return { name, occurrence: 1, outcome: 'done', result, ...times, event_id, undo: undo ? { outcome: undo } : null };
  };
  const steps = names.map((name, i) => step(name, tickets[i], null, 'done'));
  steps.splice(7, 0, step('event 7', 2, eventId(load.label, 2), undefined));
  steps.splice(3, 0, step('event 3', 1, eventId(load.label, 1), undefined));
  return {
    ended: [{ load, status: 'FAILURE', error: { code: 'on_purpose' }, result: null, steps }],
    calls,
    sent: [{ label: load.label, id: `${load.label}-stray`, woken: 0, duplicate: false }],
    kills: [{ processes: 3, inFlight: 1, killedAt: 11_000, answeredAt: 11_500 }],
  };
}

const failed = (found: StepFacts) => checkSteps(found).flatMap(({ passed, text }) => (passed ? [] : [text]));

it('all pass for a run in which all is well', () => {
  expect(failed(facts())).toEqual([]);
});

it.each<[string, (found: ReturnType<typeof facts>) => unknown, string[]]>([
  [
    'a task that ended otherwise',
    ({ ended: [task] }) => Object.assign(task, { status: 'SUCCESS' }),
    ['ended as it must'],
  ],
  ['a step that is recorded twice', ({ ended: [task] }) => void task.steps.push(task.steps[0]!), [RESULTS, UNDOS]],
  ['a result that changed', ({ calls }) => Object.assign(calls[7]!.tickets, { 0: 99 }), [RESULTS]],
  ['a repeat without a kill', ({ kills }) => Object.assign(kills[0]!, { killedAt: 1e6, answeredAt: 1e6 }), [REPEATS]],
  [
    'a repeat of a step whose runner had gone on',
    ({ calls }) => Object.assign(calls[5]!, { step: 'step 4' }),
    [REPEATS],
  ],
  [
    'a call of a runner that was replaced',
    ({ calls }) => Object.assign(calls[8]!, { runner: 'first' }),
    [REPEATS, STALE],
  ],
  ['a record of another call than the last', ({ calls }) => void calls.splice(5, 1), [STALE]],
  [
    'another key for the same step',
    ({ calls }) => Object.assign(calls[5]!, { key: 'other' }),
    ['the same idempotency key'],
  ],
  ['an event that was lost', ({ ended: [task] }) => void task.steps.splice(3, 1), ['Each wait took its own event']],
  ['an event that woke another', ({ sent }) => Object.assign(sent[0]!, { woken: 1 }), ['woke none']],
  ['an undo that is missing', ({ calls }) => void calls.pop(), [UNDOS]],
  ['undos in another order', ({ calls }) => void calls.push(...calls.splice(11, 1)), [UNDOS]],
  [
    'a step that began too early',
    ({ ended: [task] }) => Object.assign(task.steps[1]!, { started_at: '1970' }),
    ['No step began'],
  ],
  ['kills that hit nothing', ({ kills }) => Object.assign(kills[0]!, { inFlight: 0 }), ['The kills hit running steps']],
])('%s is found', (_, spoil, wanted) => {
  const found = facts();
  spoil(found);
  const texts = failed(found);
  for (const text of wanted) expect(texts.join('\n')).toContain(text);
});
