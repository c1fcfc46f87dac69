// Sign in with an API key; the cookie that comes back stands for it.
import { useEffect, useState } from 'preact/hooks';
import { Command } from '../parts/copy.tsx';
import { Mark } from '../parts/shell.tsx';
import { Problem } from '../parts/states.tsx';
import { useSubmit } from '../parts/use-submit.ts';
import { signIn } from '../session.ts';

export function SignIn() {
  const [key, setKey] = useState('');
  const { busy, error, submit } = useSubmit(() => signIn(key.trim()));
  useEffect(() => {
    document.title = 'Sign in · Errand';
  }, []);
  return (
    <main class="sign-in">
      <form onSubmit={submit} class="form">
        <Mark />
        <h1>Sign in to Errand</h1>
        <label class="field">
          <span>API key</span>
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            placeholder="errand_…"
            required
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {error && <Problem error={error} compact />}
        <button type="submit" class="button button-main" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="quiet">
          You stay signed in for twelve hours. What you see and may do is what the key may: with <code>tasks:read</code>{' '}
          everything is read only.
        </p>
        <p class="quiet">No key yet? Where the project is checked out:</p>
        <Command text="npm run key -- --scope admin --remote" />
      </form>
    </main>
  );
}
