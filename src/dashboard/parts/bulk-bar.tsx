// Retries or revokes the ticked tasks, with one request each.
import { useState } from 'preact/hooks';
import { api, type TaskSummary } from '../api.ts';
import { bulkLabel, isNumber, RETRIED, REVOKED, typeNumber, type Verb } from '../bulk-words.ts';
import { count, plural } from '../format.ts';
import { refreshAll } from '../live.ts';
import { ApiError } from '../send.ts';
import { FINAL } from '../task-query.ts';
import { FormDialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { Progress } from './progress.tsx';
import type { TaskSelection } from './task-table.tsx';
import { showToast } from './toast.tsx';
import { TypedNumber } from './typed-number.tsx';

/** Parallel requests. A browser opens no more connections to one server. */
const AT_ONCE = 6;

const changeTask = (verb: Verb, id: string) => (verb === 'revoke' ? api.revokeTask(id) : api.retryTask(id));

export function BulkBar({ tasks, selection }: { tasks: TaskSummary[]; selection: TaskSelection }) {
  const [asking, setAsking] = useState<Verb>();
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const selected = tasks.filter(({ task_id }) => selection.ids.has(task_id));
  if (selected.length === 0) return null;

  const run = async (verb: Verb) => {
    const changeable = changeableBy(verb, selected);
    setProgress({ done: 0, total: changeable.length });
    const calls = changeable.map(
      ({ task_id }) =>
        () =>
          changeTask(verb, task_id),
    );
    const faults = await runAll(calls, (done) => setProgress({ done, total: changeable.length }));
    setProgress(undefined);
    const changed = changeable.length - faults.length;
    const done =
      verb === 'retry' ? (changed === 1 ? 'runs again' : 'run again') : changed === 1 ? 'is revoked' : 'are revoked';
    showToast(`${plural(changed, 'task')} ${done}. ${skippedInWords(verb, selected.length - changeable.length)}`);
    if (faults.length > 0)
      showToast(`${plural(faults.length, 'request')} failed. ${faults[0]?.message}`, { bad: true });
    setAsking(undefined);
    selection.change(new Set());
    refreshAll();
  };

  return (
    <section class="bulk" aria-label="Selected tasks">
      {progress ? (
        <>
          <span>
            {count(progress.done)} of {count(progress.total)}
          </span>
          <Progress percent={(100 * progress.done) / Math.max(1, progress.total)} label="Selected tasks" />
        </>
      ) : (
        <>
          <strong>{plural(selected.length, 'task')}</strong>
          <button type="button" class="link-button" onClick={() => selection.change(new Set())}>
            Clear selection
          </button>
          <span class="bulk-actions">
            {(['retry', 'revoke'] as const).map((verb) => (
              <button
                type="button"
                class="button"
                key={verb}
                disabled={changeableBy(verb, selected).length === 0}
                onClick={() => setAsking(verb)}
              >
                <Icon name={verb} />
                {labelOf(verb, changeableBy(verb, selected))}
              </button>
            ))}
          </span>
        </>
      )}
      {asking && (
        <SelectedDialog
          verb={asking}
          selected={selected}
          run={() => run(asking)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  );
}

function SelectedDialog(props: { verb: Verb; selected: TaskSummary[]; run(): Promise<void>; onClose(): void }) {
  const { verb, selected } = props;
  const [typed, setTyped] = useState('');
  const changeable = changeableBy(verb, selected);
  const succeeded = changeable.filter(({ status }) => status === 'SUCCESS').length;
  const label = labelOf(verb, changeable);
  return (
    <FormDialog
      title={`${label}?`}
      action={label}
      danger={verb === 'revoke'}
      ready={changeable.length > 0 && (succeeded === 0 || isNumber(typed, changeable.length))}
      onClose={props.onClose}
      submit={props.run}
    >
      <p>
        {verb === 'revoke' ? REVOKED : RETRIED} {skippedInWords(verb, selected.length - changeable.length)}
      </p>
      {succeeded > 0 && (
        <TypedNumber label={typeNumber(succeeded, changeable.length)} value={typed} onChange={setTyped} />
      )}
    </FormDialog>
  );
}

/** A task that has not ended cannot be retried, a final one cannot be revoked. A task of a workflow is retried with its workflow. */
function changeableBy(verb: Verb, tasks: TaskSummary[]): TaskSummary[] {
  return tasks.filter(({ status, workflow_id }) =>
    verb === 'revoke' ? !FINAL.includes(status) : FINAL.includes(status) && workflow_id === null,
  );
}

function labelOf(verb: Verb, changeable: TaskSummary[]): string {
  return bulkLabel(
    verb,
    changeable.length,
    changeable.map(({ status }) => status),
  );
}

function skippedInWords(verb: Verb, skipped: number): string {
  if (skipped === 0) return '';
  const unchanged = `${plural(skipped, 'selected task')} ${skipped === 1 ? 'is' : 'are'} not changed`;
  const [they, have, belong] = skipped === 1 ? ['it', 'has', 'belongs'] : ['they', 'have', 'belong'];
  if (verb === 'revoke') return `${unchanged}, because ${they} ${have} already ended.`;
  return `${unchanged}, because ${they} ${have} not ended or ${belong} to a workflow.`;
}

/** Runs AT_ONCE requests in parallel and returns their errors. Stops early if the API key lacks the scope. */
async function runAll(requests: (() => Promise<unknown>)[], onDone: (done: number) => void): Promise<Error[]> {
  const faults: Error[] = [];
  const remaining = [...requests];
  let done = 0;
  const work = async () => {
    for (let request = remaining.shift(); request; request = remaining.shift()) {
      await request().catch((error: Error) => {
        faults.push(error);
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) remaining.length = 0;
      });
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults;
}
