// The session of the browser and its scopes. They decide which controls the dashboard shows; the API checks every request anyway.
import { api, type Scope, type Session } from './api.ts';
import { signedOut } from './send.ts';
import { createStore, useStore } from './store.ts';

const RETRY_MS = 3000;

/** Undefined until the API has answered. */
const session = createStore<Session | undefined>(undefined);

/** Why the session could not be loaded. Cleared when a load succeeds. */
const fault = createStore<Error | undefined>(undefined);

export const useSession = () => useStore(session);

export const useSessionFault = () => useStore(fault);

/** True if the Worker answers requests without an API key. */
export const isOpenMode = () => session.get()?.open ?? false;

export const isSignedIn = ({ open, scopes }: Session) => open || scopes.length > 0;

/** Loads the session, and ends it when the API answers a request with 401. */
export function startSession(): void {
  const load = async () => {
    try {
      session.set(await api.session());
      fault.set(undefined);
    } catch (error) {
      fault.set(error instanceof Error ? error : new Error(String(error)));
      setTimeout(load, RETRY_MS);
    }
  };
  void load();
  signedOut.follow(() => {
    const current = session.get();
    if (current && isSignedIn(current)) session.set({ open: current.open, scopes: [] });
  });
}

/** Throws ApiError if the API key is refused. */
export async function signIn(apiKey: string): Promise<void> {
  session.set(await api.signIn(apiKey));
}

export async function signOut(): Promise<void> {
  await api.signOut();
  session.set({ open: session.get()?.open ?? false, scopes: [] });
}

/** True if the session may call routes that need this scope. */
export function useMay(scope: Scope): boolean {
  const scopes = useSession()?.scopes ?? [];
  return scopes.includes('admin') || scopes.includes(scope);
}
