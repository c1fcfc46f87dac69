import { describe, expect, it } from 'vitest';
import { createContract } from '../support/contract.ts';
import { readDocument } from '../support/openapi.ts';
import { anAdminKey, call, reply } from '../support/worker.ts';
import { rollDice } from './dice.ts';
import { mutate } from './mutate.ts';
import { createPool } from './pool.ts';
import { makeRequest } from './request.ts';
import { createSampler, type Definition } from './sample.ts';

const document = await readDocument();
const contract = createContract(document);
const listed = call('GET /definitions', { key: await anAdminKey() });
const { items: definitions } = await reply<{ items: Definition[] }>(200, listed);

/** Requests 1 to `count` of a seed, as the fuzz makes them without a reply. */
function requestsOf(seed: number, count: number) {
  const pool = createPool();
  const sampler = createSampler(document, definitions, pool);
  return Array.from({ length: count }, (_, index) => {
    const dice = rollDice(seed, index + 1);
    return makeRequest(dice.pick(contract.operations), { dice, pool, sampler });
  });
}

describe('the requests of the fuzz', () => {
  const requests = requestsOf(1, 1500);

  it('are the same for the same seed, and others for another', () => {
    expect(requestsOf(1, 50)).toEqual(requests.slice(0, 50));
    expect(requestsOf(2, 50)).not.toEqual(requests.slice(0, 50));
  });

  it('reach every operation, with every caller', () => {
    expect(new Set(requests.map(({ operation }) => operation.name)).size).toBe(contract.operations.length);
    expect(new Set(requests.map(({ caller }) => caller)).size).toBe(5);
  });

  it('that are valid fit the document, and others do not', () => {
    const misfits = (wanted: boolean) =>
      requests
        .filter(({ kind, json }) => json !== undefined && (kind === 'valid') === wanted)
        .map(({ operation, json }) => contract.misfitOf(operation, JSON.parse(JSON.stringify(json))));

    expect(misfits(true).filter((misfit) => misfit !== undefined)).toEqual([]);
    expect(misfits(false).filter((misfit) => misfit !== undefined).length).toBeGreaterThan(50);
  });

  it('have paths and headers that HTTP can carry', () => {
    for (const { path, headers } of requests) {
      expect(path).toMatch(/^\/[\x21-\x7e]*$/);
      expect(path).not.toMatch(/[{}]|\/\/|\/\.{1,2}(\/|\?|$)/);
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    }
  });
});

it('a mutation changes a value and leaves the given one as it was', () => {
  const given = { a: [1, { b: 'x' }], c: null };
  const before = structuredClone(given);
  const changed = Array.from({ length: 200 }, (_, n) => mutate(given, rollDice(1, n)));

  expect(given).toEqual(before);
  const same = changed.filter((value) => JSON.stringify(value) === JSON.stringify(given));
  expect(same.length).toBeLessThan(20);
  expect(changed.some((value) => Object.hasOwn(Object(value), '__proto__'))).toBe(true);
});

it('the pool learns what replies name, and never the API keys of the fuzz', () => {
  const pool = createPool();
  const operation = (name: string) => contract.operations.find((one) => one.name === name)!;
  pool.learn(operation('GET /tasks'), { items: [{ task_id: 't' }], next_cursor: 'c' });
  pool.learn(operation('GET /keys'), { items: [{ prefix: 'own' }] });
  pool.learn(operation('POST /keys'), { prefix: 'made', key: 'text' });
  const kinds = ['task', 'cursor /tasks', 'apiKey', 'apiKeyText', 'workflow'];

  expect(kinds.map((kind) => pool.pick(kind, rollDice(1, 1)))).toEqual(['t', 'c', 'made', 'text', undefined]);
});
