// The lanes a task can travel in: three that differ in priority, and two for kinds of work with limits of their own.
// Each is one Cloudflare Queue, `errand-<lane>`. (`errand-dead` is no lane: no task is enqueued into it.)

export const QUEUES = ['high', 'default', 'low', 'email', 'files'] as const;

export type QueueName = (typeof QUEUES)[number];
