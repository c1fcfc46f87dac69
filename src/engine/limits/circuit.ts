// The circuit breaker of a dependency (a mail provider, an API): after some faults in a row it opens, and tasks wait for a
// probe instead of burning their attempts. D1 keeps it for all isolates; each trusts what it read for a few seconds, so
// that a healthy dependency costs next to nothing. Weakness: an isolate may call some seconds into an outage it has not heard of.
import { Snooze } from '../control.ts';
import { currentEngine, type Engine } from '../engine.ts';
import { type Circuit, closeCircuit, countFault, findCircuit, takeProbe } from '../store/circuits.ts';

/** Thrown instead of a call while the circuit is open. The task runs again at the next probe, without consuming an attempt. */
export class CircuitOpen extends Snooze {
  constructor(
    readonly dependency: string,
    seconds: number,
  ) {
    super(seconds);
    this.message = `the circuit of ${dependency} is open; waiting ${Math.ceil(seconds)} s for its probe`;
  }
}

const FRESH_MS = 5000;
/** Waiting tasks are spread over so many seconds behind the probe, which is to close the circuit first. */
const SPREAD_SECONDS = 5;

interface Known {
  circuit: Circuit | undefined;
  at: number;
}

const known = new WeakMap<Engine, Map<string, Known>>();

/**
 * Runs `work` behind the circuit of `dependency`. Throws CircuitOpen while that is open, else whatever `work` throws;
 * errors for which `isFault` is true count towards opening it, any success sets the count back.
 */
export async function guard<T>(
  engine: Engine,
  dependency: string,
  work: () => Promise<T>,
  isFault: (error: unknown) => boolean = () => true,
): Promise<T> {
  const circuit = await circuitOf(engine, dependency);
  if (circuit?.probeAt != null) await waitForProbe(engine, dependency, circuit.probeAt);
  try {
    const result = await work();
    if (circuit) await forget(engine, dependency);
    return result;
  } catch (error) {
    if (isFault(error)) await noteFault(engine, dependency);
    else if (circuit?.probeAt != null) await forget(engine, dependency); // it answered
    throw error;
  }
}

/** The circuits of the current engine, for services that are made before it. */
export const circuits = {
  call: <T>(dependency: string, work: () => Promise<T>, isFault: (error: unknown) => boolean) =>
    guard(currentEngine(), dependency, work, isFault),
  isOpen: (error: unknown): boolean => error instanceof CircuitOpen,
};

/** Passes for the one caller that probes; throws CircuitOpen for all others. */
async function waitForProbe(engine: Engine, dependency: string, probeAt: number): Promise<void> {
  const now = engine.clock.now();
  const { probeSeconds } = engine.settings.circuit;
  if (probeAt <= now && (await takeProbe(engine, dependency, now, now + probeSeconds * 1000))) return;
  const circuit = await findCircuit(engine, dependency);
  knownOf(engine).set(dependency, { circuit, at: now });
  if (circuit?.probeAt == null) return; // closed meanwhile
  const seconds = Math.max(1, (circuit.probeAt - now) / 1000);
  throw new CircuitOpen(dependency, seconds + engine.random() * SPREAD_SECONDS);
}

async function circuitOf(engine: Engine, dependency: string): Promise<Circuit | undefined> {
  const now = engine.clock.now();
  const last = knownOf(engine).get(dependency);
  if (last && now - last.at < FRESH_MS) return last.circuit;
  const circuit = await findCircuit(engine, dependency);
  knownOf(engine).set(dependency, { circuit, at: now });
  return circuit;
}

async function noteFault(engine: Engine, dependency: string): Promise<void> {
  const { faults, probeSeconds } = engine.settings.circuit;
  const now = engine.clock.now();
  const circuit = await countFault(engine, dependency, { faults, now, probeAt: now + probeSeconds * 1000 });
  knownOf(engine).set(dependency, { circuit, at: now });
  if (circuit?.failures === faults) engine.logger.error('circuit opened', { dependency, faults });
}

async function forget(engine: Engine, dependency: string): Promise<void> {
  await closeCircuit(engine, dependency);
  knownOf(engine).set(dependency, { circuit: undefined, at: engine.clock.now() });
}

function knownOf(engine: Engine): Map<string, Known> {
  const circuits = known.get(engine) ?? new Map<string, Known>();
  known.set(engine, circuits);
  return circuits;
}
