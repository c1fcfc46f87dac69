// Retries or revokes the selected tasks with one request each, or all tasks that match the filter with one bulk task.
import { useState } from 'preact/hooks';
import { api, type TaskFilter, type TaskSummary } from '../api.ts';
import { count, plural } from '../format.ts';
import { refreshAll } from '../live.ts';
import { to } from '../router.ts';
import { ApiError } from '../send.ts';
import { FINAL } from '../task-query.ts';
import { FormDialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { Progress } from './progress.tsx';
import type { TaskSelection } from './task-table.tsx';
import { showToast } from './toast.tsx';

/** Parallel requests. A browser opens no more connections to one server. */
const AT_ONCE = 6;

type Verb = 'revoke' | 'retry';

const LABELS: Record<Verb, string> = { retry: 'Retry', revoke: 'Revoke' };

const changeTask = (verb: Verb, id: string) => (verb === 'revoke' ? api.revokeTask(id) : api.retryTask(id));

export function BulkBar(props: { tasks: TaskSummary[]; selection: TaskSelection; filter: TaskFilter; more: boolean }) {
  const { tasks, selection, filter, more } = props;
  // The selection for which "all matching tasks" was chosen. It ends when the selection changes.
  const [allFor, setAllFor] = useState<ReadonlySet<string>>();
  const [asking, setAsking] = useState<Verb>();
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const selected = tasks.filter(({ task_id }) => selection.ids.has(task_id));
  if (selected.length === 0) return null;
  const everything = allFor === selection.ids;

  const run = async (verb: Verb) => {
    if (everything) {
      const { task_id } = await api.changeAll(verb, filter);
      showToast(`A bulk task ${verb === 'retry' ? 'retries' : 'revokes'} all matching tasks.`, {
        link: { href: to(`/tasks/${task_id}`), text: 'Show the bulk task' },
      });
    } else {
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
    }
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
          <strong>{everything ? 'All matching tasks' : plural(selected.length, 'task')}</strong>
          <button type="button" class="link-button" onClick={() => selection.change(new Set())}>
            Clear selection
          </button>
          {more && Object.keys(filter).length > 0 && selected.length === tasks.length && !everything && (
            <button type="button" class="link-button" onClick={() => setAllFor(selection.ids)}>
              Select all matching tasks
            </button>
          )}
          <span class="bulk-actions">
            {(['retry', 'revoke'] as const).map((verb) => (
              <button
                type="button"
                class="button"
                key={verb}
                disabled={!everything && changeableBy(verb, selected).length === 0}
                onClick={() => setAsking(verb)}
              >
                <Icon name={verb} />
                {everything ? `${LABELS[verb]} all` : labelOf(verb, selected)}
              </button>
            ))}
          </span>
        </>
      )}
      {asking && (
        <FormDialog
          title={`${everything ? `${LABELS[asking]} all matching tasks` : labelOf(asking, selected)}?`}
          action={everything ? `${LABELS[asking]} all matching tasks` : labelOf(asking, selected)}
          danger={asking === 'revoke'}
          onClose={() => setAsking(undefined)}
          submit={() => run(asking)}
        >
          <p>{everything ? CONSEQUENCES_FOR_ALL[asking] : consequencesOf(asking, selected)}</p>
          {everything && <FilterWords filter={filter} />}
        </FormDialog>
      )}
    </section>
  );
}

/** A task that has not ended cannot be retried, a final one cannot be revoked. A task of a workflow is retried with its workflow. */
function changeableBy(verb: Verb, tasks: TaskSummary[]): TaskSummary[] {
  return tasks.filter(({ status, workflow_id }) =>
    verb === 'revoke' ? !FINAL.includes(status) : FINAL.includes(status) && workflow_id === null,
  );
}

/** `Retry 5 failed tasks`, `Revoke 1 task`. */
function labelOf(verb: Verb, selected: TaskSummary[]): string {
  const changeable = changeableBy(verb, selected);
  const onlyFailed = changeable.length > 0 && changeable.every(({ status }) => status === 'FAILURE');
  return `${LABELS[verb]} ${plural(changeable.length, onlyFailed ? 'failed task' : 'task')}`;
}

const REVOKED = 'Waiting tasks will not start. Running tasks are asked to stop, and their results are discarded.';
const RETRIED = 'The tasks run again with their original input. Their earlier attempts are kept.';

const CONSEQUENCES_FOR_ALL: Record<Verb, string> = {
  revoke: REVOKED,
  retry: `${RETRIED} Without a status in the filter, only failed tasks run again. Tasks that have not ended are not changed. If a task belongs to a workflow that has ended, the failed tasks of that workflow are retried instead.`,
};

function consequencesOf(verb: Verb, selected: TaskSummary[]): string {
  const changeable = changeableBy(verb, selected);
  const skipped = skippedInWords(verb, selected.length - changeable.length);
  if (verb === 'revoke') return `${REVOKED} ${skipped}`;
  const succeeded = changeable.filter(({ status }) => status === 'SUCCESS').length;
  const again = succeeded > 0 ? `${plural(succeeded, 'task has', 'tasks have')} already succeeded. ` : '';
  return `${RETRIED} ${again}${skipped}`;
}

function skippedInWords(verb: Verb, skipped: number): string {
  if (skipped === 0) return '';
  const unchanged = `${plural(skipped, 'selected task')} ${skipped === 1 ? 'is' : 'are'} not changed`;
  const [they, have, belong] = skipped === 1 ? ['it', 'has', 'belongs'] : ['they', 'have', 'belong'];
  if (verb === 'revoke') return `${unchanged}, because ${they} ${have} already ended.`;
  return `${unchanged}, because ${they} ${have} not ended or ${belong} to a workflow.`;
}

function FilterWords({ filter }: { filter: TaskFilter }) {
  const words = Object.entries(filter);
  return (
    <ul class="plain">
      {words.map(([name, value]) => (
        <li key={name}>
          {name}: <code>{value}</code>
        </li>
      ))}
    </ul>
  );
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
