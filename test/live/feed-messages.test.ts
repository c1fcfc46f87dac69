import { describe, expect, it } from 'vitest';
import { MAX_UPDATES, parseRequest, resetText, updateJson, updatesText } from '../../src/live/feed-messages.ts';
import { anUpdate, manyUpdates } from '../support/live.ts';

const ID = '0190a0b0-0000-7000-8000-00000000000a';

describe('a request of a client', () => {
  it.each([
    ['{"all":true}', { all: true }],
    [`{"tasks":["${ID.toUpperCase()}"]}`, { tasks: [ID] }],
    ['{"all":true,"last":7}', { all: true, last: 7 }],
    ['{"last":0}', { last: 0 }],
    ['{}', {}],
  ])('%s is read', (text, request) => {
    expect(parseRequest(text)).toEqual(request);
  });

  it.each([
    'nonsense',
    '{"all":true',
    'null',
    '{}x',
    '{"all":false}',
    '{"tasks":"x"}',
    '{"tasks":["x"]}',
    '{"all":true,"tasks":[]}',
    '{"all":true,"more":1}',
    '{"last":1.5}',
    '{"last":-1}',
    `{"tasks":[${Array.from({ length: 101 }, () => `"${crypto.randomUUID()}"`)}]}`,
    `{"all":true,"x":"${'x'.repeat(100_000)}"}`,
  ])('%.40s is not a request', (text) => {
    expect(parseRequest(text)).toBeUndefined();
  });

  it('must be text, not bytes', () => {
    expect(parseRequest(new TextEncoder().encode('{"all":true}').buffer as ArrayBuffer)).toBeUndefined();
  });
});

describe('an update', () => {
  it('leaves out progress and workflow when there is none', () => {
    const update = anUpdate();

    expect(updateJson(update)).toEqual({
      task_id: update.taskId,
      name: 'test.scripted',
      queue: 'default',
      status: 'SUCCESS',
      at: '2023-11-14T22:13:20.000Z',
    });
  });
});

describe('an update about a step', () => {
  it('names the step and its outcome', () => {
    const step = { name: 'charge', occurrence: 2, outcome: 'done' as const };
    expect(updateJson({ ...anUpdate(), step })).toMatchObject({ step });
  });
});

describe('a message to a client', () => {
  it('is the same with and without the JSON that the caller has already', () => {
    const updates = manyUpdates(3).map(updateJson);

    expect(JSON.parse(updatesText(7, updates))).toEqual({ id: 7, events: updates });
    expect(updatesText(7, updates, JSON.stringify(updates))).toBe(updatesText(7, updates));
  });

  it('holds the first 500 updates and counts the others', () => {
    const updates = manyUpdates(MAX_UPDATES + 2).map(updateJson);

    expect(JSON.parse(updatesText(7, updates))).toEqual({ id: 7, more: 2, events: updates.slice(0, 500) });
  });

  it('can ask the client to load anew', () => {
    expect(JSON.parse(resetText(9))).toEqual({ reset: true, id: 9 });
  });
});
