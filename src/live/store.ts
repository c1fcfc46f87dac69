// The SQL of the live feed: the row in D1 that says a client is connected, and the latest messages in the object's own SQLite.
import type { TaskUpdateJson } from './feed-messages.ts';

const RENEW = `
  INSERT INTO watchers (name, until) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET until = excluded.until`;

/** Until `until` (epoch milliseconds), every batch of the engine that changes tasks finds this row and publishes updates. */
export async function renewWatcher(db: D1Database, name: string, until: number): Promise<void> {
  await db.prepare(RENEW).bind(name, until).run();
}

/** Removes the row, unless it was renewed to end after `now`. */
export async function removeWatcher(db: D1Database, name: string, now: number): Promise<void> {
  await db.prepare('DELETE FROM watchers WHERE name = ?1 AND until <= ?2').bind(name, now).run();
}

/** How many messages, and characters of all of them together, are kept for clients that reconnect. */
const MAX_MESSAGES = 1000;
const MAX_CHARACTERS = 2_000_000;
/** A larger message is not kept: clients that did not receive it must load anew. */
const MAX_MESSAGE_CHARACTERS = 500_000;
/** A full history is cut to this share, so that the next messages do not each cut it again. */
const KEEP = 0.9;

export interface KeptMessage {
  id: number;
  updates: TaskUpdateJson[];
}

/** The latest messages. Their ids grow by one. */
export interface KeptMessages {
  /** The ids of the oldest and the newest kept message. A client that has one of them can be sent the rest. */
  range(): { oldest: number; newest: number };
  /** Keeps a message, given as the JSON of its updates, and returns its id. */
  add(json: string): number;
  /** Deletes all messages, because updates may have been lost. Clients whose last id is below the returned id have a gap. */
  restart(): number;
  /** The messages after `id`, oldest first. */
  after(id: number): Iterable<KeptMessage>;
}

const TRIM = `
  DELETE FROM messages WHERE id <= (
    SELECT max(id) FROM (
      SELECT id, sum(length(events)) OVER (ORDER BY id DESC) AS characters, row_number() OVER (ORDER BY id DESC) AS place
      FROM messages
    ) WHERE characters > ?1 OR place > ?2
  )`;

/** Opens the history in the SQLite of a Durable Object, and creates its table when it is missing. */
export function openHistory(sql: SqlStorage): KeptMessages {
  sql.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, events TEXT NOT NULL)');
  const measure = () => sql.exec<{ size: number }>('SELECT total(length(events)) AS size FROM messages').one().size;
  let characters = measure();
  const range = () =>
    sql
      .exec<{ oldest: number; newest: number }>(
        // Each subquery reads one end of the primary key. As one query, min and max would read the whole table.
        `SELECT coalesce((SELECT min(id) FROM messages), 0) AS oldest,
           coalesce((SELECT max(id) FROM messages), 0) AS newest`,
      )
      .one();
  const insert = (events: string) => {
    const id = range().newest + 1;
    sql.exec('INSERT INTO messages (id, events) VALUES (?, ?)', id, events);
    characters += events.length;
    return id;
  };
  const restart = () => {
    const id = insert('[]');
    sql.exec('DELETE FROM messages WHERE id < ?', id);
    characters = 2;
    return id;
  };
  return {
    range,
    restart,
    add(json) {
      if (json.length > MAX_MESSAGE_CHARACTERS) return restart();
      const id = insert(json);
      if (characters > MAX_CHARACTERS || id - range().oldest >= MAX_MESSAGES) {
        sql.exec(TRIM, MAX_CHARACTERS * KEEP, MAX_MESSAGES * KEEP);
        characters = measure();
      }
      return id;
    },
    *after(id) {
      const rows = sql.exec<{ id: number; events: string }>(
        'SELECT id, events FROM messages WHERE id > ? ORDER BY id',
        id,
      );
      for (const row of rows) yield { id: row.id, updates: JSON.parse(row.events) as TaskUpdateJson[] };
    },
  };
}
