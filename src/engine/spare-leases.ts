// The ids of leases. An invocation takes one of the isolate's spare ones, so that idle traffic does not fill the table. The
// lease of an invocation that died is never given back; the sweep finds it when it has run out.

const spare: string[] = [];

export function takeLease(): string {
  return spare.pop() ?? crypto.randomUUID();
}

/** Call it only after every task that ran under it is settled. */
export function giveBackLease(id: string): void {
  spare.push(id);
}
