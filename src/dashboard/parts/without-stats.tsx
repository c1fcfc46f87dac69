// The overview of a Worker that keeps no statistics: what runs, what waits, what failed last.
import { api } from '../api.ts';
import { useLive } from '../live.ts';
import { to } from '../router.ts';
import { FailureList } from './failure-list.tsx';
import { Loaded } from './page.tsx';
import { Empty } from './states.tsx';
import { TaskTable } from './task-table.tsx';

const LISTED = 10;

export function WithoutStats() {
  const live = useLive(async (signal) => {
    const list = (status: 'STARTED' | 'FAILURE') => api.tasks({ status, limit: String(LISTED) }, signal);
    const [running, failed] = await Promise.all([list('STARTED'), list('FAILURE')]);
    return { running: running.items, failed: failed.items };
  }, []);
  return (
    <Loaded live={live} what="Tasks are">
      {({ running, failed }) => (
        <>
          <p class="quiet">This Worker has no statistics, so there are no charts here.</p>
          <h2 class="section">Running now</h2>
          {running.length > 0 ? (
            <TaskTable tasks={running} />
          ) : (
            <Empty icon="overview" title="Nothing runs at this moment">
              <p>
                See <a href={to('/tasks')}>every task</a>.
              </p>
            </Empty>
          )}
          <FailureList
            failures={failed.map(({ name, error, task_id, finished_at, created_at }) => ({
              ...{ name, task_id, count: 1, last_at: finished_at ?? created_at },
              ...{ code: error?.code ?? '', message: error?.message ?? '' },
            }))}
          />
        </>
      )}
    </Loaded>
  );
}
