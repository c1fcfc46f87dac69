// Turns what a run has left into the checks and numbers of the report. Pure.
import type { Task } from '../../scripts/api.ts';
import type { Callbacks } from './callbacks.ts';
import type { Facts } from './collect.ts';
import {
  batchesHeld,
  type Check,
  calledBackOnce,
  check,
  endedOnce,
  firedOnce,
  limitsHeld,
  PLACES,
  RATE,
  retriesCounted,
  sentOnce,
  uniqueOnce,
} from './invariants.ts';
import type { Counts } from './ledger.ts';
import { receiptsOf } from './load.ts';
import { type OpenTask, quantile, type Wait, waitsAfter } from './recovery.ts';
import type { Kill, Ran } from './run.ts';

/** Every accepted task has started this many seconds after the server answers again. */
const BAR_SECONDS = 90;
/** The pacer's distance between two starts is 5 % longer than the plain one. */
const SPACING_MS = (RATE.windowMs / RATE.perWindow) * 1.05;

export interface Verdict {
  checks: Check[];
  waits: Wait[];
  kills: { kill: Kill; waits: Wait[] }[];
}

export function judge(ran: Ran, counts: Counts, received: Callbacks['received']): Verdict {
  const { facts, portions, endedAt } = ran;
  const receipts = receiptsOf(portions);
  const kills = ran.kills.map((kill, index) => {
    const restart = { ...kill, barSeconds: BAR_SECONDS, endedAt: ran.kills[index + 1]?.killedAt ?? endedAt };
    return {
      kill,
      waits: waitsAfter(
        restart,
        kill.open.map((task) => openTask(facts, task)),
      ),
    };
  });
  const waits = kills.flatMap((each) => each.waits);
  const longest = quantile(waits, 1);
  const changed = portions.reduce((sum, portion) => sum + portion.changed, 0);
  const withCallback = portions.flatMap(({ orders, receipts: own }) =>
    orders.flatMap(({ body }, index) => ('callback_url' in body ? (own.get(index)?.workflowId ?? []) : [])),
  );
  const checks = [
    ...endedOnce(facts, receipts),
    check(changed === 0, 'Each repeated POST named the same tasks.', `${changed} named others`),
    ...sentOnce(
      counts,
      portions.reduce((sum, { mails }) => sum + mails, 0),
    ),
    ...calledBackOnce(facts, received, withCallback),
    ...firedOnce(facts),
    uniqueOnce(facts, receipts),
    ...limitsHeld(facts),
    ...batchesHeld(facts),
    retriesCounted(facts),
    check(
      kills.every((each) => each.waits.length > 0) && longest <= BAR_SECONDS,
      `After each restart, every open task started within ${BAR_SECONDS} s.`,
      `at most ${longest.toFixed(1)} s`,
    ),
  ];
  return { checks, waits, kills };
}

function openTask(facts: Facts, { task_id: id, name, status, eta, created_at, workflow_id }: Task): OpenTask {
  const parents = (workflow_id && facts.workflows.get(workflow_id)?.parents.get(id)) || [];
  const ended = facts.tasks.get(id)?.finished_at;
  return {
    id,
    name,
    createdAt: Date.parse(created_at),
    dueAt: eta === null ? undefined : Date.parse(eta),
    parentsEndedAt: status === 'WAITING' ? parents.map((parent) => endOf(facts, parent)) : [],
    startedAt: (facts.attempts.get(id) ?? []).map(({ startedAt }) => startedAt),
    finishedAt: ended ? Date.parse(ended) : undefined,
    line: lineOf(facts, id, name),
  };
}

function endOf(facts: Facts, id: string): number {
  const ended = facts.tasks.get(id)?.finished_at;
  return ended ? Date.parse(ended) : Number.POSITIVE_INFINITY;
}

function lineOf(facts: Facts, id: string, name: string): OpenTask['line'] {
  if (name === 'demo.limited') return { name, limit: { spacingMs: SPACING_MS } };
  if (name === 'demo.two_at_once')
    return { name: `${name} ${facts.details.get(id)?.input.key}`, limit: { places: PLACES } };
  return undefined;
}
