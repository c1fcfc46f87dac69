// The circuit breaker of a dependency (a mail provider, an API): after some faults in a row it opens, and tasks wait for a
// probe instead of using up their retries. D1 keeps it for all isolates; each reads it every few seconds only, so that a
// healthy dependency costs next to nothing. Weakness: an isolate may call some seconds into an outage.
import { Snooze } from '../control.ts';
import type { Engine } from '../engine.ts';
import { type Circuit, countFault, deleteCircuit, findCircuit, takeProbe } from '../store/circuits.ts';

/** Thrown instead of a call while the circuit is open. The task runs again at the next probe, without using up a retry. */
export class CircuitOpen extends Snooze {
  constructor(
    override readonly dependency: string,
    seconds: number,
  ) {
    super(seconds, `the circuit of ${dependency} is open; waiting ${Math.ceil(seconds)} s for its probe`);
  }
}

/** Thrown by a failed probe. Its `cause` does not show that the task is at fault, so the task waits as the others do. */
export class ProbeFailed extends Snooze {
  constructor(
    override readonly dependency: string,
    seconds: number,
    cause: unknown,
  ) {
    super(seconds, `the probe of ${dependency} failed; waiting ${seconds} s for the next`);
    this.cause = cause;
  }
}

const FRESH_MS = 5000;
/** Waiting tasks are spread over this time after the probe, so that the probe can close the circuit first. */
const SPREAD_SECONDS = 5;

interface Known {
  circuit: Circuit | undefined;
  at: number;
}

const known = new WeakMap<Engine, Map<string, Known>>();

/**
 * Runs `work` behind the circuit of `dependency`. Throws CircuitOpen while the circuit is open, ProbeFailed when this call was
 * its probe and failed, else the error of `work`. Errors for which `isFault` is true count towards opening the circuit; a
 * success sets the count back.
 */
export async function callBehindCircuit<T>(
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
    } else if (probing) await note(engine, dependency, close); // It answered.
    throw error;
  }
  if (circuit) await note(engine, dependency, close);
  return result;
}

/** Circuits for services that are made before the engine, which `engine` returns later. */
export const circuitsOf = (engine: () => Engine) => ({
  call: <T>(dependency: string, work: () => Promise<T>, isFault: (error: unknown) => boolean) =>
    callBehindCircuit(engine(), dependency, work, isFault),
  isOpen: (error: unknown): boolean => error instanceof CircuitOpen,
});

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

/** Writes how a call ended. A failure to write is logged only: the next call writes again. */
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

async function close(engine: Engine, dependency: string): Promise<void> {
  await deleteCircuit(engine, dependency);
  knownOf(engine).set(dependency, { circuit: undefined, at: engine.clock.now() });
}

function knownOf(engine: Engine): Map<string, Known> {
  const circuits = known.get(engine) ?? new Map<string, Known>();
  known.set(engine, circuits);
  return circuits;
}
