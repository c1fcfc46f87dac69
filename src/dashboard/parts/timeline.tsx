// What happened to a task, in order, and how long each step took.
import type { Attempt, Task } from '../api.ts';
import { duration } from '../format.ts';
import { FINAL } from '../task-query.ts';
import { Span, Time } from './time.tsx';

interface Step {
  what: string;
  at: string | null;
  /** The colour of the mark. */
  state: string;
  /** Between the step before and this one. */
  took?: string;
}

const OUTCOMES: Record<string, string> = {
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  RETRY: 'failed, to be tried again',
  REVOKED: 'revoked',
  SNOOZED: 'snoozed',
  CRASHED: 'crashed',
};

/** Attempts before these are left out: a list, not a wall. */
const SHOWN_ATTEMPTS = 8;

export function Timeline({ task, attempts }: { task: Task; attempts: Attempt[] }) {
  const steps = stepsOf(task, attempts);
  return (
    <section class="card">
      <h2>Timeline</h2>
      <ol class="timeline">
        {steps.map(({ what, at, state, took }) => (
          <li key={what} data-state={state}>
            <span class="timeline-what">{what}</span>
            <span class="timeline-when">
              {took && <span class="quiet">{took} · </span>}
              {at && <Time at={at} />}
            </span>
          </li>
        ))}
        {!FINAL.includes(task.status) && (
          <li data-state={task.status} class="timeline-now">
            <span class="timeline-what">{NOW[task.status] ?? task.status}</span>
            <span class="timeline-when">{task.status === 'STARTED' && <Span from={task.started_at} />}</span>
          </li>
        )}
      </ol>
    </section>
  );
}

const NOW: Record<string, string> = {
  WAITING: 'Waiting for the tasks before it',
  PENDING: 'Waiting to be started',
  STARTED: 'Running',
  RETRY: 'Waiting for the next attempt',
};

function stepsOf(task: Task, attempts: Attempt[]): Step[] {
  const steps: Step[] = [{ what: 'Created', at: task.created_at, state: 'PENDING' }];
  const shown = attempts.slice(-SHOWN_ATTEMPTS);
  if (attempts.length > shown.length)
    steps.push({ what: `${attempts.length - shown.length} earlier attempts`, at: null, state: 'RETRY' });
  let before = attempts.at(-shown.length - 1)?.finished_at ?? task.created_at;
  for (const [index, { outcome, started_at, finished_at }] of shown.entries()) {
    const number = attempts.length - shown.length + index + 1;
    const waited = `waited ${between(before, started_at)}`;
    steps.push({ what: `Attempt ${number} started`, at: started_at, state: 'STARTED', took: waited });
    if (!finished_at) continue;
    const what = `Attempt ${number} ${OUTCOMES[outcome] ?? outcome}`;
    steps.push({ what, at: finished_at, state: outcome, took: `ran ${between(started_at, finished_at)}` });
    before = finished_at;
  }
  const ended = shown.at(-1)?.finished_at;
  if (task.finished_at && task.finished_at !== ended)
    steps.push({ what: `Ended: ${task.status.toLowerCase()}`, at: task.finished_at, state: task.status });
  return steps;
}

function between(from: string, to: string): string {
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)));
}
