// The SQL of the API keys and of the sessions that stand for them.

export interface ApiKeyRow {
  hash: string;
  prefix: string;
  name: string;
  /** JSON array. */
  scopes: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

const KEY_COLUMNS = `api_keys.hash, prefix, name, scopes, api_keys.created_at AS createdAt,
  api_keys.expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt`;

export async function findApiKey(db: D1Database, hash: string): Promise<ApiKeyRow | undefined> {
  const row = await db.prepare(`SELECT ${KEY_COLUMNS} FROM api_keys WHERE hash = ?1`).bind(hash).first<ApiKeyRow>();
  return row ?? undefined;
}

/** The key a session stands for, and when the session ends. */
export async function findSession(
  db: D1Database,
  hash: string,
): Promise<(ApiKeyRow & { sessionExpiresAt: number }) | undefined> {
  const row = await db
    .prepare(
      `SELECT ${KEY_COLUMNS}, sessions.expires_at AS sessionExpiresAt
       FROM sessions JOIN api_keys ON api_keys.hash = sessions.key_hash WHERE sessions.hash = ?1`,
    )
    .bind(hash)
    .first<ApiKeyRow & { sessionExpiresAt: number }>();
  return row ?? undefined;
}

export async function touchApiKey(db: D1Database, hash: string, now: number): Promise<void> {
  await db.prepare('UPDATE api_keys SET last_used_at = ?2 WHERE hash = ?1').bind(hash, now).run();
}

/** Every key, newest first. */
export async function listApiKeys(db: D1Database, limit: number): Promise<ApiKeyRow[]> {
  const { results } = await db
    .prepare(`SELECT ${KEY_COLUMNS} FROM api_keys ORDER BY created_at DESC, hash LIMIT ?1`)
    .bind(limit)
    .all<ApiKeyRow>();
  return results;
}

/** False when another key begins with the same characters: make another one. */
export async function insertApiKey(db: D1Database, key: ApiKeyRow): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO api_keys (hash, prefix, name, scopes, created_at, expires_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM api_keys WHERE prefix = ?2)`,
    )
    .bind(key.hash, key.prefix, key.name, key.scopes, key.createdAt, key.expiresAt)
    .run();
  return meta.changes > 0;
}

/** Revokes what begins so, once, and ends its sessions. The key as it is now, or undefined when there is none. */
export async function revokeApiKey(db: D1Database, prefix: string, now: number): Promise<ApiKeyRow | undefined> {
  const [, , found] = await db.batch<ApiKeyRow>([
    db.prepare('UPDATE api_keys SET revoked_at = ?2 WHERE prefix = ?1 AND revoked_at IS NULL').bind(prefix, now),
    db.prepare('DELETE FROM sessions WHERE key_hash IN (SELECT hash FROM api_keys WHERE prefix = ?1)').bind(prefix),
    db.prepare(`SELECT ${KEY_COLUMNS} FROM api_keys WHERE prefix = ?1 ORDER BY created_at DESC`).bind(prefix),
  ]);
  return found?.results[0];
}

/** Keeps a session, and forgets those that have ended. */
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
