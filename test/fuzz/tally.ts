// Counts the statuses of each operation, so that the report shows how deep the fuzz reaches.
import { style } from '../../scripts/terminal.ts';
import type { Operation } from '../support/contract.ts';
import type { FuzzRequest } from './request.ts';

/** They answer 2xx only to a signature of a provider or in a link, or about an address that a provider has reported. */
const OUT_OF_REACH = [
  'POST /webhooks/resend',
  'POST /webhooks/postmark',
  'DELETE /suppressions/{address}',
  'GET /unsubscribe/{token}',
  'POST /unsubscribe/{token}',
  'GET /approve/{token}',
  'POST /approve/{token}',
];

export type Tally = ReturnType<typeof createTally>;

export function createTally(operations: readonly Operation[]) {
  const counts = new Map(
    operations.map(({ name }) => [name, { statuses: new Map<number, number>(), valid: 0, accepted: 0 }]),
  );

  return {
    /** `status` 0: no reply. */
    add({ operation, kind, caller }: FuzzRequest, status: number): void {
      const known = counts.get(operation.name);
      if (!known) return;
      known.statuses.set(status, (known.statuses.get(status) ?? 0) + 1);
      if (kind !== 'valid' || caller !== 'admin') return;
      known.valid++;
      if (status < 400) known.accepted++;
    },

    /** One row for each operation. */
    rows(): string[][] {
      const head = ['operation', 'valid, accepted', 'statuses'].map((text) => style('bold', text));
      const rows = [...counts].map(([name, { statuses, valid, accepted }]) => [
        name,
        `${accepted} of ${valid}`,
        [...statuses]
          .sort(([a], [b]) => a - b)
          .map(([status, count]) => `${count} × ${status || 'no reply'}`)
          .join(', '),
      ]);
      return [head, ...rows];
    },

    /** The operations that never did what they are for. */
    unreached(): string[] {
      return [...counts]
        .filter(([name, { accepted }]) => accepted === 0 && !OUT_OF_REACH.includes(name))
        .map(([name]) => name);
    },
  };
}
