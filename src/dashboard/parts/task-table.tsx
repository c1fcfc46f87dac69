// A table of tasks. The reader chooses its columns, which the browser keeps. Rows can be selected, with Shift a whole range.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { TaskSummary } from '../api.ts';
import { shortId } from '../format.ts';
import { to } from '../router.ts';
import { createKept, useStore } from '../store.ts';
import { Progress } from './progress.tsx';
import { StateBadge } from './state-badge.tsx';
import { Table } from './table.tsx';
import { Span, Time } from './time.tsx';
import { VersionLink } from './version.tsx';

/** The columns that can be chosen. A narrow window hides the `minor` ones. */
export const COLUMNS: Record<string, { title: string; minor?: true; cell(task: TaskSummary): ComponentChildren }> = {
  id: {
    title: 'Id',
    minor: true,
    cell: ({ task_id }) => (
      <a href={to(`/tasks/${task_id}`)} title={task_id} class="quiet">
        <code>…{shortId(task_id)}</code>
      </a>
    ),
  },
  queue: { title: 'Queue', minor: true, cell: ({ queue }) => <a href={to('/tasks', { queue })}>{queue}</a> },
  progress: {
    title: 'Progress',
    minor: true,
    cell: ({ progress, status }) =>
      progress && status !== 'SUCCESS' ? (
        <Progress percent={progress.percent} label={progress.message ?? 'Progress'} />
      ) : null,
  },
  attempts: {
    title: 'Attempts',
    minor: true,
    cell: ({ attempts, max_retries }) => (
      <span class={attempts > 1 ? '' : 'quiet'}>
        {attempts} / {max_retries + 1}
      </span>
    ),
  },
  error: {
    title: 'Error',
    minor: true,
    cell: ({ error }) =>
      error ? (
        <span class="clip" title={`${error.code}: ${error.message}`}>
          {error.message || error.code}
        </span>
      ) : null,
  },
  tags: {
    title: 'Tags',
    minor: true,
    cell: ({ tags }) =>
      tags.map((tag) => (
        <a class="tag" key={tag} href={to('/tasks', { tag })}>
          {tag}
        </a>
      )),
  },
  version: {
    title: 'Version',
    minor: true,
    cell: ({ version }) => (version ? <VersionLink version={version} /> : null),
  },
  runtime: {
    title: 'Runtime',
    minor: true,
    cell: ({ started_at, finished_at, status }) =>
      status === 'STARTED' || finished_at ? <Span from={started_at} to={finished_at} /> : <span class="quiet">–</span>,
  },
  eta: { title: 'Due', minor: true, cell: ({ eta }) => <Time at={eta} /> },
  created: { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
  finished: { title: 'Finished', minor: true, cell: ({ finished_at }) => <Time at={finished_at} /> },
};

const DEFAULT_COLUMNS = ['id', 'queue', 'progress', 'attempts', 'error', 'runtime', 'created'];

export const chosenColumns = createKept<string[]>(
  'columns',
  DEFAULT_COLUMNS,
  (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name in COLUMNS),
);

export interface TaskSelection {
  ids: ReadonlySet<string>;
  change(ids: ReadonlySet<string>): void;
}

export function TaskTable({ tasks, selection }: { tasks: TaskSummary[]; selection?: TaskSelection | undefined }) {
  const chosen = useStore(chosenColumns);
  const columns = Object.entries(COLUMNS).filter(([name]) => chosen.includes(name));
  return (
    <Table
      label="Tasks"
      head={
        <>
          {selection && <SelectAll tasks={tasks} selection={selection} />}
          <th scope="col" class="col-state">
            Status
          </th>
          <th scope="col">Name</th>
          {columns.map(([name, { title, minor }]) => (
            <th scope="col" key={name} class={`col-${name}${minor ? ' minor' : ''}`}>
              {title}
            </th>
          ))}
        </>
      }
    >
      <Rows tasks={tasks} selection={selection} columns={columns} />
    </Table>
  );
}

type Columns = [string, (typeof COLUMNS)[string]][];

function Rows(props: { tasks: TaskSummary[]; selection: TaskSelection | undefined; columns: Columns }) {
  const { tasks, selection, columns } = props;
  const anchor = useRef<number | undefined>(undefined);
  const tick = (index: number, on: boolean, range: boolean) => {
    if (!selection) return;
    const from = range && anchor.current !== undefined ? anchor.current : index;
    anchor.current = index;
    const ids = new Set(selection.ids);
    for (const { task_id } of tasks.slice(Math.min(from, index), Math.max(from, index) + 1)) {
      if (on) ids.add(task_id);
      else ids.delete(task_id);
    }
    selection.change(ids);
  };
  return (
    <>
      {tasks.map((task, index) => (
        <tr key={task.task_id} data-state={task.status}>
          {selection && (
            <td class="col-tick">
              <input
                type="checkbox"
                aria-label={`Select ${task.name} ${shortId(task.task_id)}`}
                checked={selection.ids.has(task.task_id)}
                onClick={(event) => tick(index, event.currentTarget.checked, event.shiftKey)}
              />
            </td>
          )}
          <td class="col-state">
            <StateBadge state={task.status} />
          </td>
          <td class="col-name">
            <a href={to(`/tasks/${task.task_id}`)}>{task.name}</a>
          </td>
          {columns.map(([name, { cell, minor }]) => (
            <td key={name} class={`col-${name}${minor ? ' minor' : ''}`}>
              {cell(task)}
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}

function SelectAll({ tasks, selection }: { tasks: TaskSummary[]; selection: TaskSelection }) {
  const ticked = tasks.filter(({ task_id }) => selection.ids.has(task_id)).length;
  return (
    <th scope="col" class="col-tick">
      <input
        type="checkbox"
        aria-label="Select all tasks on this page"
        checked={ticked > 0 && ticked === tasks.length}
        indeterminate={ticked > 0 && ticked < tasks.length}
        onClick={() => selection.change(new Set(ticked === tasks.length ? [] : tasks.map(({ task_id }) => task_id)))}
      />
    </th>
  );
}
