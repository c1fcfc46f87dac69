// A trial of the playground. Many tasks from one request.
import { api } from '../api.ts';
import { Trial } from '../parts/trial.tsx';
import { WatchedBulk } from '../parts/watched-bulk.tsx';

const TASKS = 1000;

export function Bulk() {
  return (
    <Trial
      title="1,000 tasks at once"
      about="One request enqueues 1,000 tasks."
      action="Enqueue 1,000 tasks"
      start={async () => {
        const tag = `bulk-${crypto.randomUUID().slice(0, 8)}`;
        const tasks = Array.from({ length: TASKS }, (_, value) => ({
          name: 'demo.echo',
          input: { value },
          options: { tags: [tag] },
        }));
        await api.enqueueMany(tasks);
        return tag;
      }}
      watch={(tag) => <WatchedBulk tag={tag} total={TASKS} key={tag} />}
    />
  );
}
