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

/** Thrown by the probe that failed, for its `cause`: it has not shown that its task is at fault, so that waits as the others do. */
export class ProbeFailed extends Snooze {
  constructor(dependency: string, seconds: number, cause: unknown) {
    super(seconds);
    this.message = `the probe of ${dependency} failed; waiting ${seconds} s for the next`;
    this.cause = cause;
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
 * Runs `work` behind the circuit of `dependency`. Throws CircuitOpen while that is open, ProbeFailed when this was its probe
 * and failed, else whatever `work` throws; errors for which `isFault` is true count towards opening it, any success sets
 * the count back.
 */
export async function guard<T>(
  engine: Engine,
  dependency: string,
  work: () => Promise<T>,
  isFault: (error: unknown) => boolean = () => true,
): Promise<T> {
  const circuit = await circuitOf(engine, dependency);
  const probing = circuit?.probeAt != null && (await takesProbe(engine, dependency, circuit.probeAt));
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (isFault(error)) {
      await note(engine, dependency, countOneFault);
      if (probing) throw new ProbeFailed(dependency, engine.settings.circuit.probeSeconds, error);
    } else if (probing) await note(engine, dependency, forget); // it answered
    throw error;
  }
  if (circuit) await note(engine, dependency, forget);
  return result;
}

/** The circuits of the current engine, for services that are made before it. */
export const circuits = {
  call: <T>(dependency: string, work: () => Promise<T>, isFault: (error: unknown) => boolean) =>
    guard(currentEngine(), dependency, work, isFault),
  isOpen: (error: unknown): boolean => error instanceof CircuitOpen,
};

/** True for the one caller that probes, false if the circuit closed meanwhile; throws CircuitOpen for all others. */
async function takesProbe(engine: Engine, dependency: string, probeAt: number): Promise<boolean> {
  const now = engine.clock.now();
  const { probeSeconds } = engine.settings.circuit;
  if (probeAt <= now && (await takeProbe(engine, dependency, now, now + probeSeconds * 1000))) return true;
  const circuit = await findCircuit(engine, dependency);
  knownOf(engine).set(dependency, { circuit, at: now });
  if (circuit?.probeAt == null) return false;
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

/** What became of a call counts, whether or not D1 can be told: the next call tells it again. */
async function note(
  engine: Engine,
  dependency: string,
  write: (engine: Engine, dependency: string) => Promise<void>,
): Promise<void> {
  try {
    await write(engine, dependency);
  } catch (error) {
    engine.logger.warn('circuit not noted', { dependency, error });
  }
}

async function countOneFault(engine: Engine, dependency: string): Promise<void> {
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
