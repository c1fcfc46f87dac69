// A duplicate's options against the task that stands in for it.
import { describe, expect, it } from 'vitest';
import type { DedupeKey, NewTask } from '../../src/engine/new-task.ts';
import { notTakenOf } from '../../src/engine/not-taken.ts';
import type { HeldKey } from '../../src/engine/store/dedupe-keys.ts';

const NOW = 1_800_000_000_000;
/** The holder was enqueued this long ago. */
const AGO = 30_000;

const HOLDER: HeldKey = {
  key: 'unique:x',
  task_id: 'a',
  input_hash: '',
  waits: 1,
  queue: 'default',
  max_retries: 3,
  created_at: NOW - AGO,
  due_at: NOW - AGO,
  task_expires_at: null,
  tags: '["a"]',
  callback: '{"url":"https://a.example"}',
};

const aKey = (key: string, inputHash = '') => ({ key, inputHash }) as DedupeKey;

/** `others`: keys of the request, beside the holder's, that another task holds. */
function notTaken(request: Partial<NewTask>, holder: Partial<HeldKey> = {}, others: string[] = []) {
  const plain = { tags: [], callback: null, maxRetries: 3, queue: 'default', asks: [], dedupeKeys: [aKey(HOLDER.key)] };
  const times = { createdAt: NOW, dueAt: NOW, expiresAt: null };
  const held = { ...HOLDER, ...holder };
  const keys = [held, ...others.map((key) => ({ ...held, key, task_id: 'another' }))];
  return notTakenOf(
    { ...plain, ...times, ...request } as unknown as NewTask,
    held,
    new Map(keys.map((one) => [one.key, one])),
  );
}

describe('what a duplicate asks for in vain', () => {
  it.each<[string, Partial<NewTask>, string[]]>([
    ['nothing', {}, []],
    ['another callback', { callback: '{"url":"https://b.example"}' }, ['callbackUrl']],
    ['the same callback', { callback: '{"url":"https://a.example"}' }, []],
    ['a tag that is there', { tags: ['a'] }, []],
    ['another tag', { tags: ['a', 'b'] }, ['tags']],
    ['other retries', { asks: ['maxRetries'], maxRetries: 9 }, ['maxRetries']],
    ['other retries by its definition only', { maxRetries: 9 }, []],
    ['another queue', { asks: ['queue'], queue: 'low' }, ['queue']],
    ['another priority', { asks: ['priority'], queue: 'high' }, ['queue']],
  ])('is right for %s', (_, request, expected) => {
    expect(notTaken(request)).toEqual(expected);
  });

  it.each<[string, Partial<NewTask>, Partial<HeldKey>, string[]]>([
    ['the same countdown again', { asks: ['countdown'], dueAt: NOW + 60_000 }, { due_at: NOW - AGO + 60_000 }, []],
    ['another countdown', { asks: ['countdown'], dueAt: NOW + 61_000 }, { due_at: NOW - AGO + 60_000 }, ['countdown']],
    ['a countdown of 0', { asks: ['countdown'] }, {}, []],
    ['a countdown of 0, while its task waits', { asks: ['countdown'] }, { due_at: NOW + 1 }, ['countdown']],
    ['the same eta again', { asks: ['eta'], dueAt: NOW + 5 }, { due_at: NOW + 5 }, []],
    ['the same eta again, which has passed', { asks: ['eta'] }, { due_at: NOW - 5 }, []],
    ['another eta', { asks: ['eta', 'countdown'], dueAt: NOW + 5 }, { due_at: NOW + 6 }, ['eta']],
    ['no time, while its task waits', {}, { due_at: NOW + 60_000 }, []],
    ['the same expiry again', { asks: ['expires'], expiresAt: NOW + 9 }, { task_expires_at: NOW + 9 }, []],
    ['the same seconds to expire', { asks: ['expires'], expiresAt: NOW + 9 }, { task_expires_at: NOW - AGO + 9 }, []],
    ['another expiry', { asks: ['expires'], expiresAt: NOW + 9 }, { task_expires_at: NOW + 10 }, ['expires']],
    ['an expiry that its task lacks', { asks: ['expires'], expiresAt: NOW + 9 }, {}, ['expires']],
  ])('is right for %s', (_, request, holder, expected) => {
    expect(notTaken(request, holder)).toEqual(expected);
  });

  it.each<[string, string, string, string[]]>([
    ['the same input', '=1', '=1', []],
    ['another input', '=1', '=2', ['input']],
    ['another input than that of a task that rejects others', '=1', 'a=2', ['input']],
    ['the input of a task that rejects others', '=2', 'a=2', []],
    ['an input, while that of its task is not known', '=1', '', []],
  ])('is right for %s', (_, inputHash, input_hash, expected) => {
    expect(notTaken({ dedupeKeys: [aKey(HOLDER.key, inputHash)] }, { input_hash })).toEqual(expected);
  });

  it('is a unique key that the task does not hold, if the call names one', () => {
    const [asks, both] = [['unique'], [aKey(HOLDER.key), aKey('unique:y')]];
    expect(notTaken({ asks, dedupeKeys: both })).toEqual(['unique']);
    expect(notTaken({ asks, dedupeKeys: both }, {}, ['unique:y'])).toEqual(['unique']);
    expect(notTaken({ asks, dedupeKeys: [aKey(HOLDER.key)] })).toEqual([]);
    expect(notTaken({ dedupeKeys: both })).toEqual([]);
  });

  it('is everything when the task is gone', () => {
    const gone = { created_at: null, due_at: null, queue: null, max_retries: null, tags: null, callback: null };
    const asks = ['eta', 'expires', 'maxRetries', 'queue'];
    const request = { asks, dueAt: NOW + 1, expiresAt: NOW + 2, tags: ['a'], callback: '{"url":"https://a.example"}' };
    expect(notTaken(request, gone)).toEqual(['callbackUrl', 'eta', 'expires', 'maxRetries', 'queue', 'tags']);
  });
});
