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

describe('an unsubscription', () => {
  const unsubscription = (address: string) =>
    aSuppression(address, { reason: 'unsubscribe', detail: null, provider: 'errand' });
  const reasonFor = async (address: string, transactional: boolean) =>
    (await lookUp(env.DB, crypto.randomUUID(), [address], transactional)).suppressed.get(address);

  it('holds for mail that is not transactional, and for no other', async () => {
    const address = anAddress();
    await suppress(env.DB, unsubscription(address));

    expect([await reasonFor(address, false), await reasonFor(address, true)]).toEqual(['unsubscribe', undefined]);
  });

  it.each([
    ['before', false],
    ['after', true],
  ])('stays when the address bounces %s it and is released again', async (_, later) => {
    const address = anAddress();
    const both = [aSuppression(address), unsubscription(address)];
    for (const one of later ? both.reverse() : both) await suppress(env.DB, one);
    expect([await reasonFor(address, false), await reasonFor(address, true)]).toEqual(['bounce', 'bounce']);

    await liftSuppression(env.DB, { address, liftedAt: NOW + 1, provider: 'resend' });

    expect([await reasonFor(address, false), await reasonFor(address, true)]).toEqual(['unsubscribe', undefined]);
  });

  it('ends alone or together with other suppressions of the address', async () => {
    const [one, all] = [anAddress(), anAddress()];
    for (const address of [one, all]) {
      await suppress(env.DB, aSuppression(address));
      await suppress(env.DB, unsubscription(address));
    }

    await liftSuppression(env.DB, { address: one, liftedAt: NOW + 1, reason: 'unsubscribe' });
    await liftSuppression(env.DB, { address: all, liftedAt: NOW + 1 });

    expect([await reasonFor(one, false), await reasonFor(all, false)]).toEqual(['bounce', undefined]);
  });
});

describe('the list of suppressions', () => {
  it('has both suppressions of an address, also when a page ends between them', async () => {
    await env.DB.exec('DELETE FROM suppressions');
    for (const address of ['a@x.de', 'b@x.de']) {
      await suppress(env.DB, aSuppression(address, { reason: 'unsubscribe' }));
      await suppress(env.DB, aSuppression(address));
    }

    const pages = [await listSuppressions(env.DB, 1, undefined)];
    while ((pages.at(-1) ?? []).length > 0) pages.push(await listSuppressions(env.DB, 1, pages.at(-1)?.at(-1)));

    expect(pages.flat().map(({ address, reason }) => `${address} ${reason}`)).toEqual([
      ...['a@x.de bounce', 'a@x.de unsubscribe', 'b@x.de bounce', 'b@x.de unsubscribe'],
    ]);
  });

  it('is in the order of addresses, page by page', async () => {
    await env.DB.exec('DELETE FROM suppressions');
    for (const address of ['c@x.de', 'a@x.de', 'b@x.de']) await suppress(env.DB, aSuppression(address));

    const first = await listSuppressions(env.DB, 2, undefined);
    const second = await listSuppressions(env.DB, 2, first.at(-1));

    expect([first, second].map((page) => page.map(({ address }) => address))).toEqual([
      ['a@x.de', 'b@x.de'],
      ['c@x.de'],
    ]);
  });
});

describe('the record of a sent mail', () => {
  const sent = (idempotencyKey: string, messageId: string) => ({
    ...{ idempotencyKey, provider: 'post', messageId, sentAt: NOW, suppressed: ['b@x.de'] },
  });

  it('stays the first one', async () => {
    const key = crypto.randomUUID();
    await recordSent(env.DB, sent(key, 'm-1'));
    await recordSent(env.DB, sent(key, 'm-2'));

    expect((await lookUp(env.DB, key, [], true)).known).toEqual({
      ...{ provider: 'post', messageId: 'm-1', attemptedAt: NOW, suppressed: ['b@x.de'] },
    });
  });

  it('says that the mail was accepted although the provider gave no id', async () => {
    const key = crypto.randomUUID();
    await recordSent(env.DB, sent(key, ''));

    expect((await lookUp(env.DB, key, [], true)).known).toMatchObject({ messageId: '' });
    await recordSent(env.DB, sent(key, 'm-2'));
    expect((await lookUp(env.DB, key, [], true)).known).toMatchObject({ messageId: '' });
  });

  it('is read together with the suppressed ones among the addresses', async () => {
    const [bad, good] = [anAddress(), anAddress()];
    await suppress(env.DB, aSuppression(bad));

    expect(await lookUp(env.DB, crypto.randomUUID(), [bad, good], true)).toEqual({
      known: undefined,
      suppressed: new Map([[bad, 'bounce']]),
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
