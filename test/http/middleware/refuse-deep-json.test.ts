import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { depthOf } from '../../../src/http/middleware/refuse-deep-json.ts';
import { anAdminKey, call, problemOf, reply } from '../../support/worker.ts';

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

/** `levels` arrays in each other. */
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('JSON that is nested too deep', () => {
  const echo = (value: unknown) => ({ name: 'demo.echo', input: { value } });
  it.each([
    ['POST /tasks', echo],
    ['POST /tasks/batch', (value: unknown) => ({ tasks: [echo(value)] })],
    ['POST /workflows', (value: unknown) => ({ task: 'demo.echo', input: { value } })],
    ['POST /schedules', (value: unknown) => ({ name: 'deep', task: 'demo.echo', every: 60, input: { value } })],
    ['POST /process', (value: unknown) => ({ value })],
    ['POST /tasks/revoke', (value: unknown) => ({ filter: value })],
  ])('is refused by %s', async (route, body) => {
    for (const levels of [301, 2000, 20_000]) {
      const problem = await problemOf(call(route, { key, json: body(nested(levels)) }));
      expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
      expect(problem.detail).toContain('nested more than 300 levels');
    }
  });

  it('is taken as deep as it may be', async () => {
    await reply(202, call('POST /tasks', { key, json: echo(nested(290)) }));
    await reply(202, call('POST /process', { key, json: { value: nested(290) } }));
  });
});

describe('the depth of a text', () => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
  it('is that of its value, whatever its strings hold', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('[', '{"', '\\"[', '\\', '\\\\"{'));
    fc.assert(
      fc.property(fc.jsonValue(), text, (value, name) => {
        const whole = { [name]: [value, name] };
        expect(depthOf(JSON.stringify(whole))).toBe(depth(whole));
      }),
    );
  });
});
