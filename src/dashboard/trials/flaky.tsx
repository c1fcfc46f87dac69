// A trial of the playground. A task that fails a number of times before it succeeds.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';

export function Flaky() {
  const [failures, setFailures] = useState('2');
  return (
    <Trial
      title="A task that fails at first"
      about="The task is retried 1 second after each failure, at most 3 times. Every attempt is kept."
      action="Start task"
      start={async () => (await api.enqueue({ name: 'demo.flaky', input: { failures: Number(failures) } })).task_id}
      watch={(id) => <Watched id={id} key={id} />}
    >
      <label class="field field-short">
        <span>Failures before it succeeds</span>
        <input
          type="number"
          min="0"
          max="10"
          required
          value={failures}
          onInput={(event) => setFailures(event.currentTarget.value)}
        />
      </label>
    </Trial>
  );
}
