import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import {
  keepInMailbox,
  liftSuppression,
  listMailbox,
  listSuppressions,
  lookUp,
  pruneMails,
  recordSent,
  type SuppressionRow,
  suppress,
} from '../../src/mail/store.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

let name = 0;
const anAddress = () => `user${++name}@example.com`;
const aSuppression = (address: string, about: Partial<SuppressionRow> = {}): SuppressionRow => ({
  ...{ address, reason: 'bounce', detail: 'General: no such user', provider: 'resend', createdAt: NOW },
  ...about,
});
const isSuppressed = async (address: string) =>
  (await listSuppressions(env.DB, 1000, undefined)).find((row) => row.address === address);

describe('a suppression', () => {
  it('by an event that is delivered again changes nothing, even after the suppression was lifted', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));
    await suppress(env.DB, aSuppression(address, { reason: 'complaint', detail: 'another', createdAt: NOW + 1 }));
    expect(await isSuppressed(address)).toEqual(aSuppression(address));

    await liftSuppression(env.DB, { address, liftedAt: NOW + 5000 });
    await suppress(env.DB, aSuppression(address));

    expect(await isSuppressed(address)).toBeUndefined();
  });

  it('by an event after the lifting holds again', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));
    await liftSuppression(env.DB, { address, liftedAt: NOW + 5000 });
    const complaint = aSuppression(address, { reason: 'complaint', createdAt: NOW + 6000 });

    await suppress(env.DB, complaint);

    expect(await isSuppressed(address)).toEqual(complaint);
  });

  it('is lifted by a provider only if it came from this provider and is older', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address, { provider: 'postmark' }));
    const lift = { address, liftedAt: NOW + 1, provider: 'resend' };

    expect(await liftSuppression(env.DB, lift)).toBe(false);
    expect(await liftSuppression(env.DB, { ...lift, provider: 'postmark', liftedAt: NOW - 1 })).toBe(false);
    expect(await liftSuppression(env.DB, { ...lift, provider: 'postmark' })).toBe(true);
  });
});

describe('the list of suppressions', () => {
  it('is in the order of addresses, page by page', async () => {
    await env.DB.exec('DELETE FROM suppressions');
    for (const address of ['c@x.de', 'a@x.de', 'b@x.de']) await suppress(env.DB, aSuppression(address));

    const first = await listSuppressions(env.DB, 2, undefined);
    const second = await listSuppressions(env.DB, 2, 'b@x.de');

    expect([first, second].map((page) => page.map(({ address }) => address))).toEqual([
      ['a@x.de', 'b@x.de'],
      ['c@x.de'],
    ]);
  });
});

describe('the record of a sent mail', () => {
  const sent = (idempotencyKey: string, messageId: string | null) => ({
    ...{ idempotencyKey, provider: 'post', messageId, sentAt: NOW, suppressed: ['b@x.de'] },
  });

  it('stays the first one', async () => {
    const key = crypto.randomUUID();
    await recordSent(env.DB, sent(key, 'm-1'));
    await recordSent(env.DB, sent(key, 'm-2'));

    expect((await lookUp(env.DB, key, [])).known).toEqual({
      ...{ provider: 'post', messageId: 'm-1', attemptedAt: NOW, suppressed: ['b@x.de'] },
    });
  });

  it('says that the mail was accepted although the provider gave no id', async () => {
    const key = crypto.randomUUID();
    await recordSent(env.DB, sent(key, null));

    expect((await lookUp(env.DB, key, [])).known).toMatchObject({ messageId: null });
    await recordSent(env.DB, sent(key, 'm-2'));
    expect((await lookUp(env.DB, key, [])).known).toMatchObject({ messageId: null });
  });

  it('is read together with the suppressed ones among the addresses', async () => {
    const [bad, good] = [anAddress(), anAddress()];
    await suppress(env.DB, aSuppression(bad));

    expect(await lookUp(env.DB, crypto.randomUUID(), [bad, good])).toEqual({
      known: undefined,
      suppressed: new Set([bad]),
    });
  });
});

describe('pruning mails', () => {
  /** A UUIDv7 of the time, as the ids of tasks are. */
  const idAt = (at: number) => {
    const hex = at.toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(++name).padStart(12, '0')}`;
  };

  it('deletes old mails only, at most the limit of each table', async () => {
    await env.DB.exec('DELETE FROM sent_mails');
    await env.DB.exec('DELETE FROM mailbox');
    for (const at of [NOW - 3000, NOW - 2000, NOW]) {
      const key = idAt(at);
      await recordSent(env.DB, { idempotencyKey: key, provider: 'post', messageId: 'm', sentAt: at, suppressed: [] });
      await keepInMailbox(env.DB, { id: idAt(at), idempotencyKey: key, mail: '{}', receivedAt: at });
    }

    expect(await pruneMails(env.DB, NOW - 1000, 1)).toEqual({ deleted: 2, cursor: 'more' });
    expect(await pruneMails(env.DB, NOW - 1000, 10)).toEqual({ deleted: 2 });
    expect(await pruneMails(env.DB, NOW - 1000, 10)).toEqual({ deleted: 0 });

    expect((await listMailbox(env.DB, 10, undefined)).map(({ receivedAt }) => receivedAt)).toEqual([NOW]);
  });
});
