// The SQL of the API keys and of their sessions.
import type { ApiKey, FoundApiKey } from './api-key.ts';
import type { Scope } from './scopes.ts';

/** `scopes`: a JSON array. */
type ApiKeyRow = Omit<FoundApiKey, 'scopes'> & { scopes: string };

const COLUMNS = `api_keys.hash, prefix, name, scopes, api_keys.created_at AS createdAt,
  api_keys.expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt`;

export async function findApiKey(db: D1Database, hash: string): Promise<ApiKey | undefined> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE hash = ?1`).bind(hash).first<ApiKeyRow>();
  return row ? toApiKey(row) : undefined;
}

/** The API key that a session stands for, and when the session ends. */
export async function findSession(db: D1Database, hash: string): Promise<FoundApiKey | undefined> {
  const row = await db
    .prepare(
      `SELECT ${COLUMNS}, sessions.expires_at AS sessionExpiresAt
       FROM sessions JOIN api_keys ON api_keys.hash = sessions.key_hash WHERE sessions.hash = ?1`,
    )
    .bind(hash)
    .first<ApiKeyRow>();
  return row ? toApiKey(row) : undefined;
}

export async function updateLastUse(db: D1Database, hash: string, usedAt: number): Promise<void> {
  await db.prepare('UPDATE api_keys SET last_used_at = ?2 WHERE hash = ?1').bind(hash, usedAt).run();
}

/** Where a page of API keys begins: after the one made then, with this prefix. */
export interface ApiKeyPosition {
  createdAt: number;
  prefix: string;
}

/** Newest first. */
export async function listApiKeys(
  db: D1Database,
  limit: number,
  after: ApiKeyPosition = { createdAt: Number.MAX_SAFE_INTEGER, prefix: '' },
): Promise<ApiKey[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM api_keys WHERE (-created_at, prefix) > (-?2, ?3) ORDER BY -created_at, prefix LIMIT ?1`,
    )
    .bind(limit, after.createdAt, after.prefix)
    .all<ApiKeyRow>();
  return results.map(toApiKey);
}

/** False if another API key has the same prefix: then nothing was inserted. */
export async function insertApiKey(db: D1Database, apiKey: ApiKey): Promise<boolean> {
  const { hash, prefix, name, scopes, createdAt, expiresAt } = apiKey;
  const { meta } = await db
    .prepare(
      `INSERT INTO api_keys (hash, prefix, name, scopes, created_at, expires_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM api_keys WHERE prefix = ?2)`,
    )
    .bind(hash, prefix, name, JSON.stringify(scopes), createdAt, expiresAt)
    .run();
  return meta.changes > 0;
}

/** Revokes the API key with this prefix, unless it is revoked already, and deletes its sessions. undefined if there is none. */
export async function revokeApiKey(db: D1Database, prefix: string, now: number): Promise<ApiKey | undefined> {
  const [, , found] = await db.batch<ApiKeyRow>([
    db.prepare('UPDATE api_keys SET revoked_at = ?2 WHERE prefix = ?1 AND revoked_at IS NULL').bind(prefix, now),
    db.prepare('DELETE FROM sessions WHERE key_hash IN (SELECT hash FROM api_keys WHERE prefix = ?1)').bind(prefix),
    db.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE prefix = ?1 ORDER BY created_at DESC`).bind(prefix),
  ]);
  const [row] = found?.results ?? [];
  return row && toApiKey(row);
}

/**
 * Deletes API keys that were revoked or expired before `before` (epoch milliseconds), and the sessions that stood for them, at
 * most `limit` of each. With a cursor, more is left.
 */
export async function pruneApiKeys(
  db: D1Database,
  before: number,
  limit: number,
): Promise<{ deleted: number; cursor?: string }> {
  const [keys, sessions] = await db.batch([
    db
      .prepare(
        'DELETE FROM api_keys WHERE hash IN (SELECT hash FROM api_keys WHERE revoked_at < ?1 OR expires_at < ?1 LIMIT ?2)',
      )
      .bind(before, limit),
    db
      .prepare('DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_at < ?1 LIMIT ?2)')
      .bind(before, limit),
  ]);
  const changes = [keys, sessions].map((result) => result?.meta.changes ?? 0);
  const deleted = changes.reduce((sum, count) => sum + count, 0);
  return changes.includes(limit) ? { deleted, cursor: 'more' } : { deleted };
}

/** Inserts a session, and deletes those that have ended. */
export async function insertSession(
  db: D1Database,
  session: { hash: string; keyHash: string; createdAt: number; expiresAt: number },
): Promise<void> {
  await db.batch([
    db.prepare('DELETE FROM sessions WHERE expires_at <= ?1').bind(session.createdAt),
    db
      .prepare('INSERT INTO sessions (hash, key_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)')
      .bind(session.hash, session.keyHash, session.createdAt, session.expiresAt),
  ]);
}

export async function deleteSession(db: D1Database, hash: string): Promise<void> {
  await db.prepare('DELETE FROM sessions WHERE hash = ?1').bind(hash).run();
}

function toApiKey(row: ApiKeyRow): FoundApiKey {
  return { ...row, scopes: JSON.parse(row.scopes) as Scope[] };
}
