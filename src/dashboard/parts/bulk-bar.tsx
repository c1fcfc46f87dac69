// What can be done with the ticked tasks, or with all that match the filter: a few requests at a time, or one job.
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
import type { Selection } from './task-table.tsx';
import { tell } from './toast.tsx';

/** Requests under way at once: more would only wait in the browser. */
const AT_ONCE = 6;

type Verb = 'revoke' | 'retry';

const WORDS: Record<Verb, { label: string; done: string }> = {
  revoke: { label: 'Revoke', done: 'revoked' },
  retry: { label: 'Retry', done: 'run again' },
};

export function BulkBar(props: { tasks: TaskSummary[]; selection: Selection; filter: TaskFilter; more: boolean }) {
  const { tasks, selection, filter, more } = props;
  // For which ticks all that match was chosen: with others it is not.
  const [allFor, setAllFor] = useState<ReadonlySet<string>>();
  const [asking, setAsking] = useState<Verb>();
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const ticked = tasks.filter(({ task_id }) => selection.ids.has(task_id));
  if (ticked.length === 0) return null;
  const everything = allFor === selection.ids;

  const run = async (verb: Verb) => {
    if (everything) {
      const { task_id } = await api.changeAll(verb, filter);
      tell(`A task ${verb === 'retry' ? 'retries' : 'revokes'} all that match.`, {
        link: { href: to(`/tasks/${task_id}`), text: 'Watch it' },
      });
    } else {
      const fits = ticked.filter(({ status }) => FINAL.includes(status) === (verb === 'retry'));
      setProgress({ done: 0, total: fits.length });
      const faults = await inTurns(
        fits.map(
          ({ task_id }) =>
            () =>
              verb === 'revoke' ? api.revokeTask(task_id) : api.retryTask(task_id),
        ),
        (done) => setProgress({ done, total: fits.length }),
      );
      setProgress(undefined);
      const left = ticked.length - fits.length;
      const rest =
        left > 0
          ? ` ${plural(left, 'task')} left as ${left === 1 ? 'it was' : 'they were'}: already ${verb === 'retry' ? 'under way' : 'final'}.`
          : '';
      tell(`${plural(fits.length - faults.length, 'task')} ${WORDS[verb].done}.${rest}`);
      if (faults.length > 0) tell(`${plural(faults.length, 'task')} refused: ${faults[0]?.message}`, { bad: true });
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
          <strong>{everything ? 'All that match the filter' : plural(ticked.length, 'task')}</strong>
          {more && Object.keys(filter).length > 0 && ticked.length === tasks.length && !everything && (
            <button type="button" class="link-button" onClick={() => setAllFor(selection.ids)}>
              Select all that match
            </button>
          )}
          <span class="bulk-actions">
            {(['retry', 'revoke'] as const).map((verb) => (
              <button type="button" class="button" key={verb} onClick={() => setAsking(verb)}>
                <Icon name={verb} />
                {WORDS[verb].label}
              </button>
            ))}
            <button type="button" class="button" onClick={() => selection.change(new Set())}>
              Clear
            </button>
          </span>
        </>
      )}
      {asking && (
        <FormDialog
          title={`${WORDS[asking].label} ${everything ? 'all that match' : plural(ticked.length, 'task')}?`}
          action={WORDS[asking].label}
          danger={asking === 'revoke'}
          onClose={() => setAsking(undefined)}
          submit={() => run(asking)}
        >
          <p>
            {asking === 'revoke'
              ? 'What waits never starts; what runs is told to stop and its result is discarded.'
              : 'What has ended runs again with the same input, as the same task; its history is kept.'}
          </p>
          {everything && <FilterWords filter={filter} />}
        </FormDialog>
      )}
    </section>
  );
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

/** Runs a few at a time; returns what was refused. A key that may not ends it at once. */
async function inTurns(jobs: (() => Promise<unknown>)[], onDone: (done: number) => void): Promise<Error[]> {
  const faults: Error[] = [];
  const queue = [...jobs];
  let done = 0;
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await job().catch((error: Error) => {
        faults.push(error);
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) queue.length = 0;
      });
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults;
}
