// What a caller without a key is told apart by.
import type { HttpContext } from './env.ts';

/** The address, or the /64 of an IPv6 one: an IPv6 caller has all of that to call from. */
export function callerNetwork(c: HttpContext): string {
  const address = c.req.header('cf-connecting-ip') ?? 'local';
  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}
