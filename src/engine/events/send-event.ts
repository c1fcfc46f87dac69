// Takes an event: stores it, ends the waits for it, and enqueues the tasks of the definitions that start on it, in one transaction.
import { v7 as uuidv7 } from 'uuid';
import { acceptPrepared } from '../accept.ts';
import { currentEngine } from '../current.ts';
import { announce } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import { EngineError, type Issue } from '../errors.ts';
import type { AnyDefinition } from '../handler.ts';
import { refuseBacklog } from '../limits/backlog.ts';
import type { NewTask } from '../new-task.ts';
import { checkIn, checkOut, deletePayloads, exceeds, payloadKeysOf } from '../payloads.ts';
import { prepareTasks } from '../prepare-tasks.ts';
import type { Ring } from '../ring.ts';
import { Batch } from '../store/batch.ts';
import { insertEvent, type StoredEvent } from '../store/events.ts';
import { type EndedWait, matchEvent } from '../store/match-events.ts';
import { wakeByEvent, wokenUpdates } from '../store/wake-waiting.ts';
import { NotJson, toJson } from '../to-json.ts';
import { type EventReceipt, eventFaults, type NewEvent } from './event.ts';

/**
 * Sends an event. Throws EngineError `invalid_event` (also when its payload does not fit a definition that starts on it),
 * `event_conflict` (its id was used for another event), `input_too_large`, `backlog_full`, `store_unavailable`.
 */
export async function sendEvent(engine: Engine, event: NewEvent): Promise<EventReceipt> {
  refuseMalformed(event);
  const at = engine.clock.now();
  const json = payloadOf(event);
  if (exceeds(json, engine.settings.maxPayloadBytes))
    throw new EngineError('input_too_large', `the payload is larger than ${engine.settings.maxPayloadBytes} bytes`);
  const started = await prepareStarted(engine, event, json);
  const payload = await checkIn(engine, uuidv7({ msecs: at }), 'event', json);
  const wanted = { id: event.id ?? uuidv7(), type: event.type, key: event.key ?? '', payload, at };
  const tasks = started.map((task) => onceFor(wanted, task));
  const { stored, ...rest } = await commit(engine, wanted, tasks);
  if (rest.duplicate) await refuseOther(engine, stored, wanted, json);
  return { id: wanted.id, at: stored.at, ...rest };
}

/** `sendEvent()` for code outside of a task. */
export function sendEventHere(event: NewEvent): Promise<EventReceipt> {
  return sendEvent(currentEngine(), event);
}

function refuseMalformed(event: NewEvent): void {
  const issues = eventFaults(event);
  if (issues.length > 0) throw new EngineError('invalid_event', 'the event is not valid', issues);
}

function payloadOf({ payload }: NewEvent): string {
  try {
    return toJson(payload ?? null, 'input');
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const path = error.issue.path.replace(/^input/, 'payload');
    throw new EngineError('invalid_event', 'the event is not valid', [{ path, message: error.issue.message }]);
  }
}

/** The tasks of the definitions that start on the event. Its payload is their input. */
async function prepareStarted(engine: Engine, { type }: NewEvent, json: string): Promise<NewTask[]> {
  const definitions = engine.registry.startedBy(type);
  if (definitions.length === 0) return [];
  const requests = definitions.map((definition: AnyDefinition) => ({ definition, input: JSON.parse(json) as unknown }));
  try {
    const tasks = await prepareTasks(engine, requests, (index) => `task ${definitions[index]?.name}`);
    await refuseBacklog(engine, tasks);
    return tasks;
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid_input') throw error;
    const issues = error.issues.map(({ path, message }) => asPayloadIssue(path, message));
    throw new EngineError('invalid_event', `a task that starts on ${type} does not take the payload`, issues);
  }
}

/** `task order.ship.input.total` → `payload.total`, with the task in the message. */
function asPayloadIssue(path: string, message: string): Issue {
  const [, name = '', field = ''] = path.match(/^task (.+?)\.input(?:\.(.*))?$/) ?? [];
  return { path: field === '' ? 'payload' : `payload.${field}`, message: `${message} (the input of ${name})` };
}

/** One task of each definition for each event, however often it is sent. */
function onceFor({ id, at }: StoredEvent, task: NewTask): NewTask {
  const key = `event:${task.name}:${id}`;
  const once = { key, inputHash: '', expiresAt: at + EVENT_MEMORY_MS, until: 'forever' as const, replaces: false };
  return { ...task, dedupeKeys: [...task.dedupeKeys, once] };
}

/** How long an id of an event is remembered, at least. */
const EVENT_MEMORY_MS = 30 * 86_400_000;

interface Committed extends Omit<EventReceipt, 'id' | 'at'> {
  stored: StoredEvent;
}

async function commit(engine: Engine, event: StoredEvent, tasks: readonly NewTask[]): Promise<Committed> {
  let stored = () => ({ event, isNew: true });
  let ended: () => EndedWait[] = () => [];
  let rings: () => Ring[] = () => [];
  const expiresAt = event.at + engine.settings.eventSeconds * 1000;
  const before = (batch: Batch) => {
    stored = insertEvent(batch, event, expiresAt);
    ended = matchEvent(batch, event.id, event.at);
    rings = wakeByEvent(batch, engine, event.id, event.at);
  };
  const updates = () => wokenUpdates(rings(), ended(), event.at);
  let taskIds: string[] = [];
  if (tasks.length > 0) {
    const receipts = await acceptPrepared(engine, tasks, { before, updates });
    taskIds = receipts.map(({ taskId }) => taskId);
  } else {
    const batch = new Batch(engine);
    before(batch);
    await batch.commit({ repeatable: true, updates });
  }
  await announce(engine, rings());
  return { stored: stored().event, duplicate: !stored().isNew, woken: ended().length, taskIds };
}

/** Throws EngineError `event_conflict`, unless both are the same event. */
async function refuseOther(engine: Engine, stored: StoredEvent, wanted: StoredEvent, json: string): Promise<void> {
  await deletePayloads(
    engine,
    payloadKeysOf([wanted.payload]).filter((key) => !payloadKeysOf([stored.payload]).includes(key)),
  );
  const same = stored.type === wanted.type && stored.key === wanted.key;
  if (same && (await checkOut(engine, stored.payload)) === json) return;
  throw new EngineError('event_conflict', `the id ${wanted.id} was used for another event`);
}
