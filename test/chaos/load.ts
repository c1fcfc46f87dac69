// The load of the chaos test: portions of tasks that each send a mail. Idempotency keys allow a POST to be repeated.
import type { Api } from '../../scripts/api.ts';

export interface Portion {
  tasks: { name: string; input: object; options: { idempotency_key: string } }[];
  /** The task ids of the 202 reply. These tasks must never be lost. */
  acceptedIds: string[] | undefined;
}

interface BatchReply {
  count: number;
  task_ids: string[];
}

/** `total` mails to different recipients, in `parts` portions of about the same size. */
export function makePortions(total: number, parts: number): Portion[] {
  const mails = Array.from({ length: total }, (_, i) => ({
    name: 'email.send',
    input: { to: `person-${i + 1}@example.com`, subject: `Mail ${i + 1} of ${total}`, text: 'Once, and only once.' },
    options: { idempotency_key: `chaos-mail-${i + 1}` },
  }));
  return Array.from({ length: parts }, (_, part) => ({
    tasks: mails.slice(Math.floor((part * total) / parts), Math.floor(((part + 1) * total) / parts)),
    acceptedIds: undefined,
  }));
}

/** Enqueues a portion in one request and returns the task ids. */
export async function enqueue(api: Api, portion: Portion): Promise<string[]> {
  const { status, body } = await api.post<BatchReply>('/tasks/batch', { tasks: portion.tasks });
  if (status !== 202 || body.task_ids.length !== portion.tasks.length) {
    throw new Error(
      `POST /tasks/batch answered ${status} with ${body.task_ids?.length} ids for ${portion.tasks.length} tasks.`,
    );
  }
  return body.task_ids;
}
