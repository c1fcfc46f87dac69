// The root of the dashboard: the sign-in page without a session, otherwise the shell with the page of the address.
import { useEffect, useRef } from 'preact/hooks';
import { followFeed } from './feed.ts';
import { NotFound } from './pages/not-found.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { findPage } from './pages.ts';
import { Shell } from './parts/shell.tsx';
import { Problem } from './parts/states.tsx';
import { Toasts } from './parts/toast.tsx';
import { usePlace } from './router.ts';
import { isSignedIn, useSession, useSessionFault } from './session.ts';

export function App() {
  const session = useSession();
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // A new page starts at its top, also for screen readers.
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus();
    }
    first.current = false;
  }, [path]);
  const signedIn = session !== undefined && isSignedIn(session);
  useEffect(() => (signedIn ? followFeed() : undefined), [signedIn]);
  if (session === undefined) return <Booting />;
  if (!signedIn) return <SignIn />;
  const found = findPage(path);
  return (
    <>
      <Shell>
        <main class="main" id="main" ref={main} tabIndex={-1}>
          {found ? <found.page.view key={path} {...found.parameters} /> : <NotFound />}
        </main>
      </Shell>
      <Toasts />
    </>
  );
}

/** Shown until the session is loaded: empty, or the reason why it cannot be loaded. */
function Booting() {
  const fault = useSessionFault();
  if (!fault) return <div class="booting" role="status" aria-label="Loading" />;
  return (
    <main class="booting">
      <Problem error={fault} />
    </main>
  );
}
