import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { isFinal, STATES } from '../../src/engine/index.ts';
import { canBecome, FINAL_STATES } from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';

describe('the states', () => {
  it('are the ones the table accepts, and no others', async () => {
    for (const state of STATES) await aTask({ state });
    await expect(aTask({ state: 'DONE' as never })).rejects.toThrow(/CHECK constraint/);
  });

  it('are final exactly when finished_at is set, which the table holds to', async () => {
    for (const state of STATES) {
      const { id } = await aTask({ state });
      const flip = env.DB.prepare('UPDATE tasks SET finished_at = ?2 WHERE id = ?1').bind(
        id,
        isFinal(state) ? null : 1,
      );
      await expect(flip.run()).rejects.toThrow(/CHECK constraint/);
    }
  });

  it('are leased exactly when STARTED, which the table holds to', async () => {
    for (const state of STATES) {
      const { id } = await aTask({ state });
      const flip = env.DB.prepare('UPDATE tasks SET lease_id = ?2 WHERE id = ?1').bind(
        id,
        state === 'STARTED' ? null : 'x',
      );
      await expect(flip.run()).rejects.toThrow(/CHECK constraint/);
    }
  });

  it('leave a final state only by the retry by hand', () => {
    for (const state of FINAL_STATES) {
      const next = STATES.filter((to) => canBecome(state, to));
      expect(next).toEqual(['WAITING', 'PENDING']);
    }
  });

  it('can be revoked from wherever a task is not final', () => {
    for (const state of STATES) expect(canBecome(state, 'REVOKED')).toBe(!isFinal(state));
  });
});
