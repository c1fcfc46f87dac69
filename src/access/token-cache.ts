// What one isolate remembers about tokens, so that not every request reads D1. An entry's key holds the kind of the token:
// a session can never be taken for an API key with the same hash, nor the other way round.
import type { FoundApiKey } from './api-key.ts';
import type { TokenKind } from './tokens.ts';

/** How long an entry is trusted: after a revocation, other isolates may accept an API key for this long. */
const TRUST_MS = 30_000;
const MAX_ENTRIES = 1000;

export interface TokenCache {
  /** The API key of the token; reads it with `find` if the entry is missing or too old. Unknown tokens are not remembered. */
  get(
    kind: TokenKind,
    hash: string,
    now: number,
    find: () => Promise<FoundApiKey | undefined>,
  ): Promise<FoundApiKey | undefined>;
  clear(): void;
}

export function createTokenCache(): TokenCache {
  const entries = new Map<string, { apiKey: FoundApiKey; until: number }>();
  return {
    async get(kind, hash, now, find) {
      const name = `${kind}:${hash}`;
      const entry = entries.get(name);
      if (entry && entry.until > now) return entry.apiKey;
      const apiKey = await find();
      if (!apiKey) return undefined;
      if (entries.size >= MAX_ENTRIES) entries.clear();
      entries.set(name, { apiKey, until: now + TRUST_MS });
      return apiKey;
    },
    clear: () => entries.clear(),
  };
}
