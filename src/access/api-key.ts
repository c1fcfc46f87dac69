// An API key as the code sees it. Its text is not part of it: D1 does not hold the text. Types only.
import type { Scope } from './scopes.ts';

export interface ApiKey {
  /** SHA-256 of its text, in hexadecimal digits. */
  hash: string;
  /** The first characters of its text. */
  prefix: string;
  name: string;
  scopes: Scope[];
  /** Epoch milliseconds, as are all instants here. */
  createdAt: number;
  /** null: never. */
  expiresAt: number | null;
  /** Exact to five minutes. null: never. */
  lastUsedAt: number | null;
  /** null: it is not revoked. */
  revokedAt: number | null;
}

/** An API key that was found through a session, and when that session ends. */
export type FoundApiKey = ApiKey & { sessionExpiresAt?: number };
