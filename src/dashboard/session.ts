// Who looks at the dashboard, and what they may do. The API refuses the rest anyway; here it decides what is shown.
import { api, type Scope, type Session } from './api.ts';
import { signedOut } from './send.ts';
import { createStore, useStore } from './store.ts';

const RETRY_MS = 3000;

/** undefined until it is known. */
const session = createStore<Session | undefined>(undefined);

/** Why it is not known; cleared as soon as it is. */
const fault = createStore<Error | undefined>(undefined);

export const useSession = () => useStore(session);

export const useSessionFault = () => useStore(fault);

/** Are requests answered without a key? */
export const isOpenMode = () => session.get()?.open ?? false;

export const isSignedIn = (who: Session) => who.open || who.scopes.length > 0;

/** Asks who is signed in, now and whenever the API says that nobody is. */
export function startSession(): void {
  const ask = async () => {
    try {
      session.set(await api.session());
      fault.set(undefined);
    } catch (error) {
      fault.set(error instanceof Error ? error : new Error(String(error)));
      setTimeout(ask, RETRY_MS);
    }
  };
  void ask();
  signedOut.follow(() => {
    const who = session.get();
    if (who && isSignedIn(who)) session.set({ open: who.open, scopes: [] });
  });
}

/** Throws ApiError when the key is refused. */
export async function signIn(key: string): Promise<void> {
  session.set(await api.signIn(key));
}

export async function signOut(): Promise<void> {
  await api.signOut();
  session.set({ open: session.get()?.open ?? false, scopes: [] });
}

/** May whoever is signed in call routes of this scope? */
export function useMay(scope: Scope): boolean {
  const scopes = useSession()?.scopes ?? [];
  return scopes.includes('admin') || scopes.includes(scope);
}
