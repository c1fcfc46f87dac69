// Values that are made on first use: schemas, tables and formats that no start of the Worker needs. What a module makes when it
// loads costs processor time at every start, also in isolates that never use it. Must import nothing: every room imports it.

/** `make` runs with the first call, and again after a call in which it threw. */
export function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
