// The users: registered by e-mail address and password. Passwords are hashed with scrypt. No function of this room may return a
// password or its hash to HTTP.
import { randomBytes, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { insertUser } from './store.ts';

export { listUsers } from './store.ts';

const scrypt = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scryptCallback);

/** One of the settings that OWASP's Password Storage Cheat Sheet calls equivalent; it needs 16 MiB of an isolate's 128 MB. */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;

export interface NewUser {
  id: string;
  email: string;
  /** To be run in one batch with everything that registering needs. Violates `users.email` when the address is taken. */
  insert: D1PreparedStatement;
}

/**
 * Hashes the password and prepares the row. Writes nothing. `email` must be in the form in which addresses are compared, so that
 * one address belongs to one user.
 */
export async function prepareUser(
  db: D1Database,
  user: { email: string; password: string },
  now: number,
): Promise<NewUser> {
  const id = uuidv7();
  const { email } = user;
  const passwordHash = await hashPassword(user.password);
  return { id, email, insert: insertUser(db, { id, email, passwordHash, createdAt: now }) };
}

/** True if the error says that the address is registered already (the unique index `users.email`). */
export function isTakenEmail(error: unknown): boolean {
  return error instanceof Error && /UNIQUE constraint failed: users\.email/.test(error.message);
}

/** Returns `scrypt$N$r$p$salt$hash`, with salt and hash in base64. Each call takes a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await scrypt(password, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** True if the password matches the stored hash. Compares in constant time. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await scrypt(password, Buffer.from(salt, 'base64'), expected.length, cost), expected);
}
