// Runs the action of a form or button, with its busy state and its error.
import { useState } from 'preact/hooks';

/** `submit` is an event handler. It runs `act` and keeps an error of it until the next run. */
export function useSubmit(act: () => Promise<unknown>) {
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    setBusy(false);
  };
  return { busy, error, submit };
}
