// The sign-in page. It exchanges an API key for a session cookie.
import { useEffect, useState } from 'preact/hooks';
import { Command } from '../parts/copy.tsx';
import { Mark } from '../parts/shell.tsx';
import { Problem } from '../parts/states.tsx';
import { useSubmit } from '../parts/use-submit.ts';
import { signIn } from '../session.ts';

export function SignIn() {
  const [apiKey, setApiKey] = useState('');
  const { busy, error, submit } = useSubmit(() => signIn(apiKey.trim()));
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
            value={apiKey}
            onInput={(event) => setApiKey(event.currentTarget.value)}
          />
        </label>
        {error && <Problem error={error} compact />}
        <button type="submit" class="button button-main" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="quiet">
          The session lasts 12 hours. The scopes of the API key decide what you can see and do. With{' '}
          <code>tasks:read</code> you can read but change nothing.
        </p>
        <p class="quiet">No API key yet? Create one in the project's folder:</p>
        <Command text="npm run key -- --scope admin --remote" />
      </form>
    </main>
  );
}
