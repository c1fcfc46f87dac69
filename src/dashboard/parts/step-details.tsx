// What is known of one step: times, tries, result, error, undo, the log lines of its time; and the buttons that run the task again
// from it.
import type { ComponentChildren } from 'preact';
import { type Attempt, api, type Step, type Task } from '../api.ts';
import { count, plural } from '../format.ts';
import { to } from '../router.ts';
import { useMay } from '../session.ts';
import { decisionOf, labelOf } from '../step-words.ts';
import { FINAL } from '../task-query.ts';
import { Action } from './action.tsx';
import { DecisionText } from './decision.tsx';
import { JsonTree } from './json-tree.tsx';
import { LogLines } from './log-lines.tsx';
import { LongText } from './long-text.tsx';
import { Time } from './time.tsx';

interface Props {
  step: Step;
  task: Task;
  attempts: Attempt[];
  /** How many steps are before it. */
  before: number;
}

/** More log lines are in the list of attempts. */
const MAX_LINES = 100;

export function StepDetails({ step, task, attempts, before }: Props) {
  const decision = decisionOf(step);
  const lines = linesOf(step, attempts);
  return (
    <div class="step-details">
      <dl class="facts facts-inline">
        <StepFacts step={step} attempts={attempts} task={task} />
      </dl>
      {step.about && (
        <p>
          Asked: <strong>{step.about.title}</strong>
        </p>
      )}
      {decision ? (
        <p>
          <DecisionText {...decision} />
        </p>
      ) : (
        <Result step={step} />
      )}
      {step.error && <Fault title="Error" error={step.error} label={`error of ${labelOf(step)}`} />}
      {step.undo?.error && (
        <Fault title="Error of the undo" error={step.undo.error} label={`error of the undo of ${labelOf(step)}`} />
      )}
      {lines.length > 0 && (
        <>
          <h3>Log lines while it ran</h3>
          <LogLines lines={lines.slice(0, MAX_LINES)} label={`Log of ${labelOf(step)}`} />
          {lines.length > MAX_LINES && (
            <p class="quiet">The attempts below have {count(lines.length - MAX_LINES)} more.</p>
          )}
        </>
      )}
      <Actions step={step} task={task} before={before} />
    </div>
  );
}

function StepFacts({ step, attempts, task }: Omit<Props, 'before'>) {
  const { started_at, ended_at, until, tries, attempt, waits_for, event_id, undo } = step;
  const number = attempts.findIndex((one) => one.number === attempt) + 1;
  return (
    <>
      <Fact title="Started">
        <Time at={started_at} />
      </Fact>
      {ended_at && (
        <Fact title="Ended">
          <Time at={ended_at} />
        </Fact>
      )}
      {until && (
        <Fact title={UNTIL[step.kind]}>
          <Time at={until} />
        </Fact>
      )}
      <Fact title="Recorded by">
        {attempt > 0 ? number > 0 ? `attempt ${number}` : 'an earlier attempt' : <Origin task={task} />}
      </Fact>
      {tries > 0 && <Fact title="Tries">{count(tries)}</Fact>}
      {waits_for && (
        <Fact title="Event">
          <code>{waits_for.type}</code> {waits_for.key === null ? 'without a key' : <code>{waits_for.key}</code>}
        </Fact>
      )}
      {event_id && (
        <Fact title="Event id">
          <code>{event_id}</code>
        </Fact>
      )}
      {undo && (
        <Fact title="Undo">
          {UNDO[undo.outcome]}
          {undo.at && (
            <>
              {' '}
              <Time at={undo.at} />
            </>
          )}
          {undo.tries > 1 && `, ${plural(undo.tries, 'try', 'tries')}`}
        </Fact>
      )}
    </>
  );
}

const UNTIL: Record<Step['kind'], string> = {
  do: 'Next try',
  each: 'Next try',
  sleep: 'Wakes',
  event: 'Times out',
  approval: 'Times out',
};

const UNDO = { offered: 'runs if the task fails or is revoked', done: 'has run', failed: 'failed' };

function Origin({ task }: { task: Task }) {
  if (task.forked_from === null) return <>another task</>;
  return <a href={to(`/tasks/${task.forked_from}`)}>the task it was forked from</a>;
}

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Result({ step }: { step: Step }) {
  const { result, has_long_result, outcome, kind } = step;
  if (has_long_result) return <p class="quiet">The result is not shown, because it has more than 2,048 characters.</p>;
  if (kind === 'sleep' || (result === null && outcome !== 'done')) return null;
  return (
    <>
      <h3>{kind === 'event' ? 'Payload' : 'Result'}</h3>
      <JsonTree value={result} label={`result of ${labelOf(step)}`} />
    </>
  );
}

function Fault({ title, error, label }: { title: string; error: NonNullable<Step['error']>; label: string }) {
  return (
    <>
      <h3>
        {title} <code>{error.code}</code>
      </h3>
      <div class="error-message">
        {error.type && error.type !== 'Error' && <span class="quiet">{error.type}: </span>}
        <LongText text={error.message} label={label} />
      </div>
    </>
  );
}

/** The log has no steps: the lines are those of its time. A wait has none. */
function linesOf({ kind, started_at, ended_at, attempt }: Step, attempts: Attempt[]): Attempt['logs'] {
  if (!ended_at || (kind !== 'do' && kind !== 'each')) return [];
  const [from, until] = [Date.parse(started_at), Date.parse(ended_at)];
  const inside = ({ at }: { at: string }) => Date.parse(at) >= from && Date.parse(at) <= until;
  return attempts.filter(({ number }) => number <= attempt).flatMap(({ logs }) => logs.filter(inside));
}

function Actions({ step, task, before }: Omit<Props, 'attempts'>) {
  const { task_id: id } = task;
  if (!useMay('tasks:write') || task.workflow_id !== null) return null;
  const name = { name: step.name, occurrence: step.occurrence };
  const kept =
    before === 0 ? 'There is no step before it.' : `It keeps the results of ${plural(before, 'step')} before.`;
  return (
    <div class="step-actions">
      {FINAL.includes(task.status) && (
        <Action
          icon="retry"
          label="Run again from here"
          about={labelOf(step)}
          done={`The task runs again from the step ${labelOf(step)}.`}
          act={() => api.retryFrom(id, name)}
          confirm={{
            title: `Run the task again from “${labelOf(step)}”?`,
            action: 'Run again from here',
            consequences: <p>This step and the steps after it are deleted and run again. {kept}</p>,
          }}
        />
      )}
      <Action
        icon="fork"
        label="Fork from here"
        about={labelOf(step)}
        done={`A new task begins with the step ${labelOf(step)}.`}
        act={() => api.fork(id, name)}
        link={({ task_id }) => ({ href: to(`/tasks/${task_id}`), text: 'Show the task' })}
        confirm={{
          title: `Fork the task from “${labelOf(step)}”?`,
          action: 'Fork from here',
          consequences: (
            <p>
              A new task with the same input begins with this step. {kept} It does not undo those steps if it fails.
              This task is not changed.
            </p>
          ),
        }}
      />
    </div>
  );
}
