// What a form starts, followed: whether it is under way, and why it was refused.
import { useState } from 'preact/hooks';

/** `submit` is for the form's event (or a button's): it runs `act`, and keeps what that throws until the next time. */
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
