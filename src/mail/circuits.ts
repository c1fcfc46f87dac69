// The port through which a failing provider is left alone for a while. What opens a circuit is not known here.

/** Keeps a dead provider from being asked: declared here, filled in by src/index.ts. */
export interface Circuits {
  /**
   * Runs `work` unless the circuit `name` is open, in which case it rejects at once with an error that `isOpen` recognises.
   * Errors for which `isFault` is true count towards opening it.
   */
  call<T>(name: string, work: () => Promise<T>, isFault: (error: unknown) => boolean): Promise<T>;
  isOpen(error: unknown): boolean;
}

/** Asks every time. */
export const alwaysClosed: Circuits = {
  call: (_name, work) => work(),
  isOpen: () => false,
};
