// Events as they are stored.
import type { Engine } from '../engine.ts';
import type { Payload } from '../task.ts';
import { type Batch, read } from './batch.ts';
import { toPayload } from './rows.ts';

/** An event from outside. */
export interface StoredEvent {
  /** The sender's, else a UUIDv7. */
  id: string;
  type: string;
  /** '' for an event without a key. */
  key: string;
  payload: Payload;
  /** Epoch milliseconds. */
  at: number;
}

interface EventRow {
  id: string;
  type: string;
  key: string;
  payload: string | null;
  payload_key: string | null;
  at: number;
}

const SELECT = 'SELECT id, type, key, payload, payload_key, at FROM events WHERE id = ?1';

function toEvent({ id, type, key, payload, payload_key, at }: EventRow): StoredEvent {
  return { id, type, key, payload: toPayload(payload, payload_key) ?? { json: 'null' }, at };
}

export async function readEvent(engine: Engine, id: string): Promise<StoredEvent | undefined> {
  const [row] = await read<EventRow>(engine, SELECT, id);
  return row && toEvent(row);
}

const INSERT = `
  INSERT INTO events (id, type, key, payload, payload_key, at, expires_at, number)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce((SELECT last FROM event_order), 0) + 1)
  ON CONFLICT (id) DO NOTHING`;

/** Of a repeated event the number is not new. */
const COUNT_ON = `
  INSERT INTO event_order (one, last) SELECT 1, number FROM events WHERE id = ?1
  ON CONFLICT (one) DO UPDATE SET last = excluded.last WHERE last < excluded.last`;

/** Adds the statements that store the event, unless one with its id is stored. Returns the one that is stored then. */
export function insertEvent(
  batch: Batch,
  event: StoredEvent,
  expiresAt: number,
): () => { event: StoredEvent; isNew: boolean } {
  const { id, type, key, payload, at } = event;
  const [json, payloadKey] = 'json' in payload ? [payload.json, null] : [null, payload.key];
  const inserted = batch.add(INSERT, id, type, key, json, payloadKey, at, expiresAt);
  batch.add(COUNT_ON, id);
  const stored = batch.add<EventRow>(SELECT, id);
  return () => {
    const [row] = stored.rows;
    return { event: row ? toEvent(row) : event, isNew: inserted.changes === 1 };
  };
}

/** An event that a step has taken is kept as long as that step. */
const PRUNE = `
  DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE expires_at <= ?1 AND NOT EXISTS (SELECT 1 FROM task_steps WHERE event_id = events.id)
    ORDER BY expires_at LIMIT ?2)
  RETURNING payload_key AS payloadKey`;

/** Deletes up to `limit` events that had expired by `asOf` (epoch milliseconds). Returns the payload keys that they named, or null. */
export async function pruneEvents(engine: Engine, asOf: number, limit: number): Promise<(string | null)[]> {
  const rows = await read<{ payloadKey: string | null }>(engine, PRUNE, asOf, limit);
  return rows.map(({ payloadKey }) => payloadKey);
}
