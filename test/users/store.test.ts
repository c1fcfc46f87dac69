import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { insertUser, listUsers } from '../../src/users/store.ts';

describe('the list of users', () => {
  it('is in the order of registration, page by page', async () => {
    const ids = ['0190-a', '0190-b', '0190-c'];
    await env.DB.batch(
      [...ids]
        .reverse()
        .map((id) => insertUser(env.DB, { id, email: `${id}@example.com`, passwordHash: 'x', createdAt: 0 })),
    );

    expect(await listUsers(env.DB, '', 2)).toEqual([
      { id: '0190-a', email: '0190-a@example.com' },
      { id: '0190-b', email: '0190-b@example.com' },
    ]);
    expect((await listUsers(env.DB, '0190-b', 2)).map(({ id }) => id)).toEqual(['0190-c']);
    expect(await listUsers(env.DB, '0190-c', 2)).toEqual([]);
  });
});
