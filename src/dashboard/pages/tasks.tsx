// The page with the list of tasks. Its filters are in the address.
import { useEffect, useState } from 'preact/hooks';
import { api, type TaskQuery } from '../api.ts';
import { now } from '../clock.ts';
import { faultOfQuery, nearestOf, type QueryFault } from '../filter-fault.ts';
import { useLive } from '../live.ts';
import { BulkBar } from '../parts/bulk-bar.tsx';
import { Command, curl } from '../parts/copy.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { TaskFilters } from '../parts/task-filters.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { to, usePlace } from '../router.ts';
import { hasIdEnd } from '../search.ts';
import { useMay } from '../session.ts';
import { pageQuery } from '../task-query.ts';

export function Tasks() {
  const { query } = usePlace();
  const fault = faultOfQuery(query);
  return (
    <Page title="Tasks">
      <TaskFilters isFaulty={fault !== undefined} />
      {fault ? <FilterFault fault={fault} /> : <TaskList query={query} />}
    </Page>
  );
}

function TaskList({ query }: { query: URLSearchParams }) {
  const mayWrite = useMay('tasks:write');
  const [ids, change] = useState<ReadonlySet<string>>(new Set());
  const live = useLive((signal) => api.tasks(pageQuery(query, now()) as TaskQuery, signal), [query.toString()], {
    // Compares only name and queue: a change of status may also remove a task from the list, and updates have no tags.
    concerns: ({ name, queue }) => matches(query.get('name'), name) && matches(query.get('queue'), queue),
    // The end of an id is looked for among 20,000 tasks.
    ...(hasIdEnd(query.get('text') ?? '') && { atMostEvery: 15 }),
  });
  useEffect(() => change(new Set()), [query.toString()]);
  const selection = mayWrite ? { ids, change } : undefined;
  return (
    <Loaded live={live} rows={14}>
      {(page) => (
        <Still page={page} idOf={({ task_id }) => task_id} ticked={ids.size > 0}>
          {({ items: tasks, next_cursor }) => (
            <>
              {tasks.length > 0 ? <TaskTable tasks={tasks} selection={selection} /> : <NoTasks />}
              {selection && <BulkBar tasks={tasks} selection={selection} />}
              <Pager next={next_cursor} shown={tasks.length} noun="task" />
            </>
          )}
        </Still>
      )}
    </Loaded>
  );
}

const matches = (wanted: string | null, value: string) => !wanted || wanted === value;

function FilterFault({ fault }: { fault: QueryFault }) {
  return (
    <Empty icon="search" title="This list has a filter that cannot be applied">
      <p role="alert">{fault.message}</p>
      {fault.instead && (
        <p>
          <a href={to('/tasks', fault.instead)}>
            Show{' '}
            {Object.entries(fault.instead)
              .map(([name, value]) => `${name}:${value}`)
              .join(' ')}
          </a>
        </p>
      )}
      <p>
        Choose a filter above, or <a href={to('/tasks')}>show all tasks</a>.
      </p>
    </Empty>
  );
}

function NoTasks() {
  const { query } = usePlace();
  if ([...query.keys()].length > 0)
    return (
      <Empty icon="search" title="No tasks match the filters">
        {query.has('name') && <NearestName name={query.get('name') ?? ''} />}
        {hasIdEnd(query.get('text') ?? '') && <p>The end of an id is looked for among the newest 20,000 tasks.</p>}
        <p>
          Remove a filter, or <a href={to('/tasks')}>show all tasks</a>. Final tasks are deleted when their retention
          time is over.
        </p>
      </Empty>
    );
  return (
    <Empty icon="tasks" title="No tasks yet">
      <p>Enqueue the first task in code or over HTTP:</p>
      <Command
        text={curl('POST', '/tasks', {
          name: 'email.send',
          input: { to: 'ada@example.com', subject: 'Hello', text: 'It works.' },
        })}
      />
      <p>
        Or try an example in the <a href={to('/playground')}>playground</a>.
      </p>
    </Empty>
  );
}

/** Tasks may have the name of a definition that was removed, so an unknown name is no fault of the filter. */
function NearestName({ name }: { name: string }) {
  const { query } = usePlace();
  const { data } = useLive((signal) => api.definitions(signal), [], { off: true });
  const names = data?.items.map((definition) => definition.name) ?? [];
  if (names.length === 0 || names.includes(name)) return null;
  const nearest = nearestOf(name, names);
  return (
    <p>
      There is no definition <code>{name}</code>.
      {nearest !== undefined && (
        <>
          {' '}
          Did you mean <a href={to('/tasks', { ...Object.fromEntries(query), name: nearest })}>{nearest}</a>?
        </>
      )}
    </p>
  );
}
