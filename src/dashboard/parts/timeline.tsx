// The steps of a task in order, with the duration of each.
import type { Attempt, Task } from '../api.ts';
import { duration, plural } from '../format.ts';
import { FINAL } from '../task-query.ts';
import { Span, Time } from './time.tsx';
import { VersionLink } from './version.tsx';

interface Step {
  title: string;
  at: string | null;
  /** Decides the colour of the mark. */
  state: string;
  /** The time since the step before, in words. */
  took?: string;
  /** The deployed version under which an attempt ran. */
  version?: Attempt['version'];
}

const OUTCOMES: Record<string, string> = {
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  RETRY: 'failed, retry follows',
  REVOKED: 'revoked',
  SNOOZED: 'snoozed',
  CRASHED: 'crashed',
};

/** Reasons of attempts that ended because a step waits. */
const PAUSES: readonly string[] = ['sleep', 'event', 'approval', 'step'];

/** Earlier attempts are summed up in one line. */
const SHOWN_ATTEMPTS = 8;

export function Timeline({ task, attempts }: { task: Task; attempts: Attempt[] }) {
  const steps = stepsOf(task, attempts);
  return (
    <section class="card">
      <h2>Timeline</h2>
      <ol class="timeline">
        {steps.map(({ title, at, state, took, version }) => (
          <li key={title} data-state={state}>
            <span class="timeline-title">{title}</span>
            <span class="timeline-when">
              {took && <span class="quiet">{took} · </span>}
              {at && <Time at={at} />}
              {version && (
                <span class="timeline-version">
                  version <VersionLink version={version} />
                </span>
              )}
            </span>
          </li>
        ))}
        {!FINAL.includes(task.status) && (
          <li data-state={task.status} class="timeline-now">
            <span class="timeline-title">{task.undoing ? 'Undoing its steps' : (NOW[task.status] ?? task.status)}</span>
            <span class="timeline-when">{task.status === 'STARTED' && <Span from={task.started_at} />}</span>
          </li>
        )}
      </ol>
    </section>
  );
}

const NOW: Record<string, string> = {
  WAITING: 'Waiting for its parent tasks',
  PENDING: 'Waiting to start',
  STARTED: 'Running',
  RETRY: 'Waiting for the next attempt',
};

function stepsOf(task: Task, attempts: Attempt[]): Step[] {
  const steps: Step[] = [{ title: 'Created', at: task.created_at, state: 'PENDING' }];
  const shown = attempts.slice(-SHOWN_ATTEMPTS);
  if (attempts.length > shown.length)
    steps.push({ title: plural(attempts.length - shown.length, 'earlier attempt'), at: null, state: 'RETRY' });
  let before = attempts.at(-shown.length - 1)?.finished_at ?? task.created_at;
  for (const [index, { outcome, started_at, finished_at, reason, version }] of shown.entries()) {
    const number = attempts.length - shown.length + index + 1;
    const waited = `waited ${between(before, started_at)}`;
    steps.push({ title: `Attempt ${number} started`, at: started_at, state: 'STARTED', took: waited, version });
    if (!finished_at) continue;
    const isPause = reason !== null && PAUSES.includes(reason.code);
    const how = isPause ? 'paused at a step' : (OUTCOMES[outcome] ?? outcome);
    const title = `Attempt ${number} ${how}${reason?.code === 'undo' ? '; its undos follow' : ''}`;
    steps.push({ title, at: finished_at, state: outcome, took: `ran ${between(started_at, finished_at)}` });
    before = finished_at;
  }
  const ended = shown.at(-1)?.finished_at;
  if (task.finished_at && task.finished_at !== ended)
    steps.push({ title: `Task ${OUTCOMES[task.status] ?? task.status}`, at: task.finished_at, state: task.status });
  return steps;
}

function between(from: string, to: string): string {
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)));
}
