// A trial of the playground. A user registers: the welcome mail of the user is a task.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';
import { to } from '../router.ts';

export function Register() {
  const [email, setEmail] = useState(() => `user-${Math.random().toString(36).slice(2, 8)}@example.com`);
  return (
    <Trial
      title="Register a user"
      about="The user is stored together with a task that sends the welcome mail."
      action="Register user"
      start={async () => (await api.register({ email, password: crypto.randomUUID() })).task_id}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => (
            <>
              Read the mail in the <a href={to('/mailbox')}>mailbox</a>.
            </>
          )}
        </Watched>
      )}
    >
      <label class="field">
        <span>E-mail address</span>
        <input type="email" required value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
      </label>
    </Trial>
  );
}
