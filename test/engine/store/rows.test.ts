// Rows of the tables ↔ values.
import { describe, expect, it } from 'vitest';
import { toAttempt, toPayload, toSummary, toTask } from '../../../src/engine/store/rows.ts';

const row = {
  id: 'i',
  name: 'test.task',
  queue: 'low' as const,
  state: 'PENDING' as const,
  error: null,
  progress: null,
  tags: null,
  attempt: 2,
  crashes: 1,
  max_retries: 3,
  created_at: 1,
  due_at: 2,
  expires_at: null,
  started_at: null,
  finished_at: null,
  workflow_id: null,
  version: null,
};

describe('a row', () => {
  it('of a task has undefined where the table has NULL, and no tags as an empty list', () => {
    const { error, progress, expiresAt, startedAt, finishedAt, workflowId, tags, attempts } = toSummary(row);
    expect([error, progress, expiresAt, startedAt, finishedAt, workflowId]).toEqual(Array(6).fill(undefined));
    expect([tags, attempts]).toEqual([[], 2]);
  });

  it('keeps a time of 0: it is not NULL', () => {
    expect(toSummary({ ...row, expires_at: 0, started_at: 0, finished_at: 0 })).toMatchObject({
      ...{ expiresAt: 0, startedAt: 0, finishedAt: 0 },
    });
  });

  it('has its JSON columns as values', () => {
    const error = { code: 'error', type: 'TypeError', message: 'no' };
    const summary = toSummary({ ...row, error: JSON.stringify(error), tags: '["a"]', progress: '{"percent":1}' });
    expect(summary).toMatchObject({ error, tags: ['a'], progress: { percent: 1 } });
    const nothing = { finished_at: null, version: null, batch: null };
    const attempt = { number: 1, outcome: 'FAILURE' as const, started_at: 1, ...nothing };
    expect(toSummary({ ...row, version: '{"id":"v"}' }).version).toEqual({ id: 'v', tag: undefined });
    expect(toAttempt({ ...attempt, error: null, reason: null, logs: null })).toMatchObject({
      finishedAt: undefined,
      logs: [],
    });
    const reason = { code: 'circuit', of: 'service', message: 'open' };
    expect(toAttempt({ ...attempt, error: null, reason: JSON.stringify(reason), logs: null }).reason).toEqual(reason);
    expect(toAttempt({ ...attempt, error: null, reason: null, logs: '[{"at":1,"message":"m"}]' }).logs).toHaveLength(1);
  });

  it('has a payload inline, or by its payload key, which wins', () => {
    expect(toPayload('{}', null)).toEqual({ json: '{}' });
    expect(toPayload(null, 'payloads/x')).toEqual({ key: 'payloads/x' });
    expect(toPayload(null, null)).toBeUndefined();
    const payloads = { input: null, input_key: null, result: null, result_key: null, undoing: null, forked_from: null };
    expect(toTask({ ...row, ...payloads })).toMatchObject({ input: { json: 'null' }, result: undefined });
    const undoing = { state: 'REVOKED', error: { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' } };
    expect(toTask({ ...row, ...payloads, undoing: JSON.stringify(undoing), forked_from: 'f' })).toMatchObject({
      ...{ undoing, forkedFrom: 'f' },
    });
  });
});
