// The seed's users: registered by e-mail and password. Passwords are hashed with scrypt and never leave this room.
import { randomBytes, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { insertUser } from './store.ts';

export { listUsers } from './store.ts';

const scrypt = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scryptCallback);

/** OWASP's Password Storage Cheat Sheet: one of its equivalent settings, the one that needs 16 MiB of an isolate's 128. */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;

export interface NewUser {
  id: string;
  /** Normalised. */
  email: string;
  /** To be committed together with what registering entails. Violates `users.email` when the address is taken. */
  insert: D1PreparedStatement;
}

/** Trimmed and in lower case: one address, one user. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Hashes the password and prepares the row; nothing is written yet. */
export async function prepareUser(
  db: D1Database,
  user: { email: string; password: string },
  now: number,
): Promise<NewUser> {
  const id = uuidv7();
  const email = normaliseEmail(user.email);
  const passwordHash = await hashPassword(user.password);
  return { id, email, insert: insertUser(db, { id, email, passwordHash, createdAt: now }) };
}

/** Was this error the unique index on addresses? */
export function isTakenEmail(error: unknown): boolean {
  return error instanceof Error && /UNIQUE constraint failed: users\.email/.test(error.message);
}

/** `scrypt$N$r$p$salt$hash`, base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await scrypt(password, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** Does the password fit the hash? In constant time. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await scrypt(password, Buffer.from(salt, 'base64'), expected.length, cost), expected);
}
