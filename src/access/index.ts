// The room's door: API keys, sessions and sign-in. The room knows no HTTP.
export { type Access, createAccess, type SignIn, type WantedApiKey } from './access.ts';
export type { ApiKey } from './api-key.ts';
export { allows, SCOPES, type Scope } from './scopes.ts';
export { pruneApiKeys } from './store.ts';
export { PREFIX_LENGTH } from './tokens.ts';
