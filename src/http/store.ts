// The SQL of the API keys.

export interface ApiKeyRow {
  hash: string;
  prefix: string;
  scopes: string;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export async function findApiKey(db: D1Database, hash: string): Promise<ApiKeyRow | undefined> {
  const row = await db
    .prepare(
      `SELECT hash, prefix, scopes, expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt
       FROM api_keys WHERE hash = ?1`,
    )
    .bind(hash)
    .first<ApiKeyRow>();
  return row ?? undefined;
}

export async function touchApiKey(db: D1Database, hash: string, now: number): Promise<void> {
  await db.prepare('UPDATE api_keys SET last_used_at = ?2 WHERE hash = ?1').bind(hash, now).run();
}
