import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { updateJson } from '../../src/live/feed-messages.ts';
import { type KeptMessages, openHistory, removeWatcher, renewWatcher } from '../../src/live/store.ts';
import { aFeed, anUpdate, manyUpdates } from '../support/live.ts';

/** Runs `use` on the history of a new Durable Object. */
const withHistory = <T>(use: (history: KeptMessages, sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(aFeed().stub, (_, { storage }) => use(openHistory(storage.sql), storage.sql));

describe('the row that says a client is connected', () => {
  it('lasts until the latest renewal ends', async () => {
    const name = crypto.randomUUID();
    const until = () => env.DB.prepare('SELECT until FROM watchers WHERE name = ?').bind(name).first<number>('until');

    await renewWatcher(env.DB, name, 100);
    await renewWatcher(env.DB, name, 200);
    await removeWatcher(env.DB, name, 199);
    expect(await until()).toBe(200);
    await removeWatcher(env.DB, name, 200);

    expect(await until()).toBeNull();
  });
});

describe('the history of messages', () => {
  it('gives ids that grow by one, and the messages after an id', async () => {
    const update = updateJson(anUpdate());

    await withHistory((history) => {
      expect(history.range()).toEqual({ oldest: 0, newest: 0 });
      expect([1, 2, 3].map(() => history.add(JSON.stringify([update])))).toEqual([1, 2, 3]);
      expect(history.range()).toEqual({ oldest: 1, newest: 3 });
      expect([...history.after(1)]).toEqual([
        { id: 2, updates: [update] },
        { id: 3, updates: [update] },
      ]);
    });
  });

  it('survives being opened again', async () => {
    await withHistory((history, sql) => {
      history.add('[]');

      expect(openHistory(sql).range()).toEqual({ oldest: 1, newest: 1 });
    });
  });

  it('keeps about a thousand messages, the latest', async () => {
    await withHistory((history) => {
      for (let n = 0; n < 1100; n++) history.add('[]');
      const { oldest, newest } = history.range();

      expect(newest).toBe(1100);
      expect(newest - oldest).toBeGreaterThanOrEqual(899);
      expect(newest - oldest).toBeLessThan(1000);
    });
  });

  it('keeps at most 2,000,000 characters, however much is added', async () => {
    const size = await withHistory((history, sql) => {
      const json = JSON.stringify(manyUpdates(2000).map(updateJson));
      for (let n = 0; n < 20; n++) history.add(json);
      return sql.exec('SELECT sum(length(events)) AS size FROM messages').one().size;
    });

    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThanOrEqual(2_000_000);
  });

  it('has a gap where a message was too large to keep, and after a restart', async () => {
    await withHistory((history) => {
      history.add('[]');
      const large = history.add(JSON.stringify('x'.repeat(500_000)));
      expect(history.range()).toEqual({ oldest: large, newest: large });
      history.add('[]');

      const restarted = history.restart();

      expect(history.range()).toEqual({ oldest: restarted, newest: restarted });
    });
  });

  it('reads at most two rows to find its range', async () => {
    const read = await runInDurableObject(aFeed().stub, (_, { storage }) => {
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      const exec: SqlStorage['exec'] = (query, ...bindings) => {
        const cursor = storage.sql.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor as never;
      };
      const history = openHistory({ exec } as SqlStorage);
      for (let n = 0; n < 100; n++) history.add('[]');
      cursors.splice(0);
      history.range();
      return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    });

    expect(read).toBeLessThanOrEqual(2);
  });
});
