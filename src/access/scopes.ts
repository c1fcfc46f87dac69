// What an API key may do.

export const SCOPES = ['tasks:read', 'tasks:write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** The scopes that each scope includes. */
const INCLUDES: Record<Scope, readonly Scope[]> = {
  'tasks:read': ['tasks:read'],
  'tasks:write': ['tasks:write'],
  admin: ['admin', 'tasks:read', 'tasks:write'],
};

/** True if an API key with these scopes may call a route that needs `wanted`. A scope that this version does not know allows nothing. */
export function allows(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => INCLUDES[scope]?.includes(wanted));
}
