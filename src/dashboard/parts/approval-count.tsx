// How many approvals wait for a person, beside their page in the navigation. One request every 30 seconds.
import { api } from '../api.ts';
import { useLive } from '../live.ts';

const MAX_COUNTED = 50;

export function ApprovalCount() {
  const { data } = useLive((signal) => api.approvals({ limit: MAX_COUNTED }, signal), [], { atMostEvery: 30 });
  if (!data || data.items.length === 0) return null;
  const number = data.next_cursor === null ? `${data.items.length}` : `${MAX_COUNTED}+`;
  return (
    <span class="badge" title={`${number} waiting for a decision`}>
      {number}
      <span class="hidden"> waiting</span>
    </span>
  );
}
