import { expect, it } from 'vitest';
import { callerNetwork } from '../../src/http/caller-address.ts';
import type { HttpContext } from '../../src/http/env.ts';

const networkOf = (address?: string) => callerNetwork({ req: { header: () => address } } as unknown as HttpContext);

it('is the whole IPv4 address, and the first half of an IPv6 address', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(networkOf('2001:db8:1:2:ffff:0:0:1')).toBe('2001:db8:1:2');
});

it('is the same for all callers of a local Worker', () => {
  expect(networkOf(undefined)).toBe('local');
});
