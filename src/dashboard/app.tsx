// Who is not signed in signs in; everybody else gets the shell and, in it, the page that the address names.
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
  const who = useSession();
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // A new page is read from its top, by eye and by ear.
    if (!first.current) {
      scrollTo(0, 0);
      main.current?.focus();
    }
    first.current = false;
  }, [path]);
  const signedIn = who !== undefined && isSignedIn(who);
  useEffect(() => (signedIn ? followFeed() : undefined), [signedIn]);
  if (who === undefined) return <Booting />;
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

/** Until it is known who looks: nothing, or why that cannot be found out. */
function Booting() {
  const fault = useSessionFault();
  if (!fault) return <div class="booting" role="status" aria-label="Loading" />;
  return (
    <main class="booting">
      <Problem error={fault} />
    </main>
  );
}
