// Tells callers without an API key apart, to limit how often each may call.
import type { HttpContext } from './env.ts';

/** The IPv4 address, or the /64 of an IPv6 address, because one IPv6 caller has a whole /64. */
export function callerNetwork(c: HttpContext): string {
  const address = c.req.header('cf-connecting-ip') ?? 'local';
  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}
