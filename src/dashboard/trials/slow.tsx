// A trial of the playground. A task that reports its progress.
import { api } from '../api.ts';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';

export function Slow() {
  return (
    <Trial
      title="A task that takes 10 seconds"
      about="The task reports its progress. While it runs, you can revoke it on its page. In local development a queue has one consumer, so later tasks of the queue wait for this one."
      action="Start task"
      start={async () => (await api.enqueue({ name: 'demo.sleep', input: { seconds: 10, steps: 20 } })).task_id}
      watch={(id) => <Watched id={id} key={id} />}
    />
  );
}
