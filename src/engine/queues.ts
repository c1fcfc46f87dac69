// The queues: every fact about each, once. To add one, add it here and in wrangler.toml. Each is one Cloudflare Queue named
// `<anything>-<name>`; the dead-letter queue is none of them, because no task is enqueued into it.

interface QueueSettings {
  /** The producer binding in wrangler.toml. */
  binding: string;
  /** Task ids that one message carries. */
  idsPerMessage: number;
  /** Tasks that one invocation runs at once. */
  concurrency: number;
  /** The most that one claim takes while tasks end as soon as they start; they do not run side by side. At least `concurrency`. */
  burst: number;
  /** When to choose it, for the people who route tasks. */
  advice: string;
}

/** Many small tasks, which differ in priority only. */
const SMALL = { idsPerMessage: 250, concurrency: 50, burst: 500 };

export const QUEUES = {
  high: { binding: 'QUEUE_HIGH', ...SMALL, advice: 'Work that a person waits for.' },
  default: { binding: 'QUEUE_DEFAULT', ...SMALL, advice: 'Everything else.' },
  low: { binding: 'QUEUE_LOW', ...SMALL, advice: 'Work that may wait for hours, such as clean-ups and reports.' },
  email: {
    binding: 'QUEUE_EMAIL',
    idsPerMessage: 10,
    concurrency: 10,
    burst: 10,
    advice: 'Calls to an API that takes a few at a time, such as a mail provider.',
  },
  files: {
    binding: 'QUEUE_FILES',
    idsPerMessage: 1,
    concurrency: 1,
    burst: 1,
    advice: 'Work that needs most of the memory, such as images and documents. One task at a time.',
  },
} as const satisfies Record<string, QueueSettings>;

export type QueueName = keyof typeof QUEUES;

/** In the order in which they are listed and served. */
export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];

/** The queues that differ in priority only: what `priority` chooses from. */
export const PRIORITIES = ['high', 'default', 'low'] as const satisfies readonly QueueName[];

/** `errand-high` → `high`; undefined for the dead-letter queue and for queues that are not ours. */
export function queueNamed(cloudflareName: string): QueueName | undefined {
  return QUEUE_NAMES.find((name) => cloudflareName.endsWith(`-${name}`));
}

/** Each queue's binding in the Worker's environment. Throws a plain Error when wrangler.toml lacks one. */
export function queueBindings(env: object): Record<QueueName, Queue> {
  const bound = env as Record<string, Queue | undefined>;
  const entries = QUEUE_NAMES.map((name) => {
    const { binding } = QUEUES[name];
    const queue = bound[binding];
    if (!queue) throw new Error(`wrangler.toml has no queue producer with the binding ${binding} (queue "${name}")`);
    return [name, queue] as const;
  });
  return Object.fromEntries(entries) as Record<QueueName, Queue>;
}
