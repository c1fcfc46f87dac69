// What a text in the search box means. Nothing of it is left out: what cannot be applied is named.
import { describe, expect, it } from 'vitest';
import { faultOfQuery } from '../../src/dashboard/filter-fault.ts';
import { hasIdEnd, readSearch } from '../../src/dashboard/search.ts';
import { QUEUES, STATES } from '../../src/dashboard/task-query.ts';
import { STATES as API_STATES, QUEUE_NAMES } from '../../src/engine/manage.ts';

describe('a search', () => {
  it.each([
    ['01890a5d-ac96-774b-bcce-b302099A8057', { id: '01890a5d-ac96-774b-bcce-b302099a8057' }],
    ['099a8057', { idEnd: '099a8057' }],
    ['…099A8057', { idEnd: '099a8057' }],
    ['uploads/0190/photo.jpg', { path: '/files/uploads%2F0190%2Fphoto.jpg', query: {} }],
    ['/files/outputs/a.png', { path: '/files/outputs%2Fa.png', query: {} }],
  ])('for "%s" opens what it names', (text, search) => {
    expect(readSearch(text)).toEqual(search);
  });

  it.each([
    [' email.send ', { name: 'email.send' }],
    ['status:failure tag:order-17', { status: 'FAILURE', tag: 'order-17' }],
    ['tag:a:b', { tag: 'a:b' }],
    ['tag:"order 17" flaky', { tag: 'order 17', text: 'flaky' }],
    ['demo flaky', { text: 'demo flaky' }],
    ['flaky …099a8057', { text: 'flaky 099a8057' }],
    ['email.send demo.echo', { name: 'email.send', text: 'demo.echo' }],
    ['queue:email queue:email', { queue: 'email' }],
    ['status:failure version:1.4.2', { status: 'FAILURE', version: '1.4.2' }],
  ])('for "%s" filters the list by all its words', (text, query) => {
    expect(readSearch(text)).toEqual({ path: '/tasks', query });
  });

  it.each([
    ['stat:failure', 'Unknown filter "stat". Did you mean "status"?', 'status:failure'],
    ['owner:me', 'Unknown filter "owner". Use status, name, queue, tag or version.', undefined],
    ['tag:x status:fail', 'Unknown status "fail". Did you mean "failure"?', 'tag:x status:failure'],
    ['status:running', 'Unknown status "running". Did you mean "started"?', 'status:started'],
    ['status:sucess', 'Unknown status "sucess". Did you mean "success"?', 'status:success'],
    ['queue:mail', 'Unknown queue "mail". Did you mean "email"?', 'queue:email'],
    ['queue:zzz', 'Unknown queue "zzz". Use high, default, low, email or files.', undefined],
    ['status:', 'The filter "status" needs a value, as in status:failure.', undefined],
    ['tag:a tag:b', 'The filter "tag" can be used once. Remove tag:a or tag:b.', undefined],
    ['x', 'A search needs at least 2 characters.', undefined],
  ])('for "%s" is refused, with the nearest right one', (text, message, instead) => {
    const search = readSearch(text);
    expect(search).toMatchObject({ fault: { message } });
    expect('instead' in search ? search.instead : undefined).toBe(instead);
  });

  it('knows the end of an id among other words', () => {
    expect(['099a8057', 'flaky …099a8057'].every(hasIdEnd)).toBe(true);
    expect(['flaky', '099a', '01890a5d-ac96'].some(hasIdEnd)).toBe(false);
  });
});

it('knows the states and queues that the API knows', () => {
  expect(new Set(STATES)).toEqual(new Set(API_STATES));
  expect(new Set(QUEUES)).toEqual(new Set(QUEUE_NAMES));
});

describe('an address', () => {
  it.each([
    ['status=fail', 'Unknown status "fail". Did you mean "failure"?'],
    ['stat=FAILURE', 'Unknown filter "stat". Did you mean "status"?'],
    ['queue=lwo', 'Unknown queue "lwo". Did you mean "low"?'],
    ['since=yesterday', '"yesterday" is not a time. Use one such as 2026-11-24T12:00:00Z, or a span such as 1h.'],
    ['text=a', 'A search needs at least 2 characters.'],
  ])('with %s is refused', (query, message) => {
    expect(faultOfQuery(new URLSearchParams(query))).toMatchObject({ message });
  });

  it('has the filters that were probably meant', () => {
    const instead = (query: string) => faultOfQuery(new URLSearchParams(query))?.instead;
    expect(instead('tag=x&status=fail')).toEqual({ tag: 'x', status: 'failure' });
    expect(instead('tag=x&stat=FAILURE')).toEqual({ tag: 'x', status: 'FAILURE' });
    expect(instead('owner=me')).toBeUndefined();
  });

  it('with good filters is not', () => {
    const good = 'status=FAILURE&name=a.b&queue=low&tag=x&text=ab&since=1h&until=2026-11-24T11:00:00Z&cursor=abc';
    expect(faultOfQuery(new URLSearchParams(good))).toBeUndefined();
  });
});
