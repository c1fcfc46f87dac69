// The port through which the mailer stops asking a provider that fails. The mailer does not know what opens a circuit;
// src/index.ts passes the engine's circuits in.

export interface Circuits {
  /**
   * Runs `work`. If the circuit `name` is open, it rejects at once with an error that `isOpen` recognises.
   * Errors for which `isFault` returns true count towards opening the circuit.
   */
  call<T>(name: string, work: () => Promise<T>, isFault: (error: unknown) => boolean): Promise<T>;
  isOpen(error: unknown): boolean;
}

/** Circuits that never open. */
export const alwaysClosed: Circuits = {
  call: (_name, work) => work(),
  isOpen: () => false,
};
