// The page with the list of tasks. Its filters are in the address.
import { useEffect, useState } from 'preact/hooks';
import { api, type TaskFilter, type TaskQuery } from '../api.ts';
import { now } from '../clock.ts';
import { useLive } from '../live.ts';
import { BulkBar } from '../parts/bulk-bar.tsx';
import { Command, curl } from '../parts/copy.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { TaskFilters } from '../parts/task-filters.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { to, usePlace } from '../router.ts';
import { useMay } from '../session.ts';
import { filterOf, pageQuery } from '../task-query.ts';

export function Tasks() {
  const { query } = usePlace();
  const mayWrite = useMay('tasks:write');
  const [ids, change] = useState<ReadonlySet<string>>(new Set());
  const live = useLive(
    (signal) => api.tasks(pageQuery(query, now()) as TaskQuery, signal),
    [query.toString()],
    // Compares only name and queue: a change of status may also remove a task from the list, and updates have no tags.
    { concerns: ({ name, queue }) => matches(query.get('name'), name) && matches(query.get('queue'), queue) },
  );
  useEffect(() => change(new Set()), [query.toString()]);
  return (
    <Page title="Tasks">
      <TaskFilters />
      <Loaded live={live} rows={14}>
        {({ items: tasks, next_cursor }) => {
          const selection = mayWrite ? { ids, change } : undefined;
          return (
            <>
              {tasks.length > 0 ? <TaskTable tasks={tasks} selection={selection} /> : <NoTasks />}
              {selection && (
                <BulkBar
                  tasks={tasks}
                  selection={selection}
                  filter={filterOf(query, now()) as TaskFilter}
                  more={next_cursor !== null || query.has('cursor')}
                />
              )}
              <Pager next={next_cursor} shown={tasks.length} noun="task" />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

const matches = (wanted: string | null, value: string) => !wanted || wanted === value;

function NoTasks() {
  const { query } = usePlace();
  if ([...query.keys()].length > 0)
    return (
      <Empty icon="search" title="No tasks match the filters">
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
