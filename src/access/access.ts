// Finds the API key behind a token, makes and revokes API keys, starts and ends sessions. It never stores or logs the text of
// a token.
import type { ApiKey, FoundApiKey } from './api-key.ts';
import { SCOPES, type Scope } from './scopes.ts';
import {
  type ApiKeyPosition,
  deleteSession,
  findApiKey,
  findSession,
  insertApiKey,
  insertSession,
  listApiKeys,
  revokeApiKey,
  updateLastUse,
} from './store.ts';
import { createTokenCache } from './token-cache.ts';
import { hashOf, looksLikeApiKey, newApiKeyText, newSessionToken, PREFIX_LENGTH } from './tokens.ts';

/** A working day. */
const SESSION_SECONDS = 12 * 60 * 60;
/** People read `last_used_at`; this is precise enough for them. */
const USE_PRECISION_MS = 5 * 60_000;

export interface Access {
  /** The API key with this text. undefined if it is unknown, expired or revoked, or if the text is a session's token. */
  apiKeyOf(text: string): Promise<ApiKey | undefined>;
  /** The API key that a session's token stands for. undefined if the session or the API key is not valid any more. */
  apiKeyOfSession(token: string): Promise<ApiKey | undefined>;
  /** Starts a session, for twelve hours or until the API key expires. undefined if `apiKeyOf` is. */
  signIn(text: string): Promise<SignIn | undefined>;
  /** Ends a session. Other isolates may accept its token for another 30 seconds. */
  signOut(token: string): Promise<void>;
  /** Writes that the API key is used now, at most once in five minutes. undefined when nothing is to be written. */
  noteUse(apiKey: ApiKey): Promise<void> | undefined;
  /** Newest first. */
  listApiKeys(limit: number, after?: ApiKeyPosition): Promise<ApiKey[]>;
  /** Makes an API key. `text` is not stored: it cannot be shown again. */
  createApiKey(wanted: WantedApiKey): Promise<{ apiKey: ApiKey; text: string }>;
  /** Revokes the API key with this prefix and ends its sessions. Other isolates may accept it for another 30 seconds. undefined if there is none. */
  revokeApiKey(prefix: string): Promise<ApiKey | undefined>;
}

export interface SignIn {
  apiKey: ApiKey;
  token: string;
  /** Whole seconds until the session ends. */
  seconds: number;
}

export interface WantedApiKey {
  name: string;
  scopes: readonly Scope[];
  /** undefined: it does not expire. */
  expiresInSeconds: number | undefined;
}

/** `now`: epoch milliseconds. */
export function createAccess(db: D1Database, now: () => number): Access {
  const cache = createTokenCache();
  const valid = (apiKey: FoundApiKey | undefined) => (apiKey && !hasEnded(apiKey, now()) ? apiKey : undefined);
  const apiKeyOf = async (text: string) => {
    if (!looksLikeApiKey(text)) return undefined;
    const hash = await hashOf(text);
    return valid(await cache.get('api_key', hash, now(), () => findApiKey(db, hash)));
  };
  return {
    apiKeyOf,
    async apiKeyOfSession(token) {
      const hash = await hashOf(token);
      return valid(await cache.get('session', hash, now(), () => findSession(db, hash)));
    },
    async signIn(text) {
      const apiKey = await apiKeyOf(text);
      if (!apiKey) return undefined;
      const token = newSessionToken();
      const createdAt = now();
      const expiresAt = Math.min(createdAt + SESSION_SECONDS * 1000, apiKey.expiresAt ?? Number.POSITIVE_INFINITY);
      await insertSession(db, { hash: await hashOf(token), keyHash: apiKey.hash, createdAt, expiresAt });
      return { apiKey, token, seconds: Math.ceil((expiresAt - createdAt) / 1000) };
    },
    async signOut(token) {
      await deleteSession(db, await hashOf(token));
      cache.clear();
    },
    noteUse(apiKey) {
      const usedAt = now();
      if (usedAt - (apiKey.lastUsedAt ?? 0) <= USE_PRECISION_MS) return undefined;
      apiKey.lastUsedAt = usedAt;
      return updateLastUse(db, apiKey.hash, usedAt);
    },
    listApiKeys: (limit, after) => listApiKeys(db, limit, after),
    createApiKey: (wanted) => create(db, wanted, now()),
    async revokeApiKey(prefix) {
      const apiKey = await revokeApiKey(db, prefix, now());
      if (apiKey) cache.clear();
      return apiKey;
    },
  };
}

function hasEnded({ revokedAt, expiresAt, sessionExpiresAt }: FoundApiKey, now: number): boolean {
  const ends = [expiresAt, sessionExpiresAt ?? null];
  return revokedAt !== null || ends.some((at) => at !== null && at <= now);
}

async function create(
  db: D1Database,
  { name, scopes, expiresInSeconds }: WantedApiKey,
  createdAt: number,
): Promise<{ apiKey: ApiKey; text: string }> {
  const about: Omit<ApiKey, 'hash' | 'prefix'> = {
    name,
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    createdAt,
    expiresAt: expiresInSeconds === undefined ? null : createdAt + expiresInSeconds * 1000,
    lastUsedAt: null,
    revokedAt: null,
  };
  for (;;) {
    const text = newApiKeyText();
    const apiKey: ApiKey = { ...about, hash: await hashOf(text), prefix: text.slice(0, PREFIX_LENGTH) };
    if (await insertApiKey(db, apiKey)) return { apiKey, text };
  }
}
