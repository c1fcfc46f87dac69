// digest.send_all, digest.send: one mail per user about their tasks of the last week. A task belongs to a user when it has
// the tag `user:<user id>`.
import { z } from 'zod';
import { defineTask, map, PermanentFailure, type Receipt } from '../engine/index.ts';
import { lazy } from '../lazy.ts';
import { AddressSchema, digestMail } from '../mail/index.ts';
import { deliver, emailOutput, emailRetry } from './email-send.ts';

const WEEK_MS = 7 * 86_400_000;

/** The tag of the tasks that belong to a user. */
export function userTag(userId: string): string {
  return `user:${userId}`;
}

const span = lazy(() => ({ since: z.number(), until: z.number() }));

/** Sends the mail of one user. A user without a final task in the period gets no mail, nor does one whose address is suppressed. */
export const sendDigest = defineTask({
  name: 'digest.send',
  input: () => z.object({ user_id: z.string(), email: AddressSchema, ...span() }),
  output: () => z.object({ sent: z.boolean(), tasks: z.int(), ...emailOutput().partial().shape }),
  queue: 'email',
  retry: emailRetry,
  timeoutSeconds: 60,
  async run({ user_id, email, since, until }, ctx) {
    const { byName, failures } = await ctx.tasks.summariseTag(userTag(user_id), since, until);
    const sum = (field: 'succeeded' | 'failed' | 'revoked') => byName.reduce((total, row) => total + row[field], 0);
    const counts = { succeeded: sum('succeeded'), failed: sum('failed'), revoked: sum('revoked') };
    const tasks = counts.succeeded + counts.failed + counts.revoked;
    if (tasks === 0) return { sent: false, tasks };
    const failed = failures.map(({ id, ...failure }) => ({ task_id: id, ...failure }));
    const mail = digestMail({ email, since, until, counts, byName, failures: failed });
    const left = { sent: false, tasks, suppressed: [email] };
    return deliver({ to: email, ...mail }, ctx).then(
      (sent) => ({ sent: true, tasks, ...sent }),
      // The digest of others must not count as failed because one of them has unsubscribed.
      (error: unknown) => (isSuppressed(error) ? left : Promise.reject(error)),
    );
  },
});

function isSuppressed(error: unknown): boolean {
  return error instanceof PermanentFailure && error.code === 'suppressed';
}

/** The number of users in one workflow. */
const PORTION = 5000;
/** D1 allows 1,000 queries in one invocation. A further task continues with the remaining users. */
const MAX_PORTIONS = 20;

/** Enqueues one task per user, in groups. Each group has its own idempotency key, so a second run enqueues nothing twice. */
export const sendAllDigests = defineTask({
  name: 'digest.send_all',
  input: () =>
    z.object({
      /** Set when this task continues another: the last user of that task, and the end of the week. */
      after: z.string().default(''),
      until: z.number().optional(),
    }),
  output: () =>
    z.object({
      users: z.int(),
      /** Users who get no digest, because their address is not one that mail can be sent to. */
      left_out: z.int(),
      workflows: z.array(z.uuid()),
      continued_by: z.uuid().nullable(),
    }),
  timeoutSeconds: 600,
  schedules: { 'send-digest-weekly': { cron: '0 9 * * MON' } },
  async run({ after, until: asked }, ctx) {
    if (!ctx.services.mails.canUnsubscribe)
      throw new PermanentFailure(
        'The digest needs a link to unsubscribe. Set PUBLIC_URL and UNSUBSCRIBE_SECRET, or pause the schedule.',
        'unsubscribe_not_set_up',
      );
    const until = asked ?? ctx.createdAt;
    const workflows: string[] = [];
    let users = 0;
    let left_out = 0;
    let last = after;
    for (let portion = 0; portion < MAX_PORTIONS; portion++) {
      ctx.signal.throwIfAborted();
      const page = await ctx.services.users.list(last, PORTION);
      const reachable = page.filter(({ email }) => AddressSchema.safeParse(email).success);
      left_out += page.length - reachable.length;
      if (reachable.length > 0) {
        const inputs = reachable.map(({ id, email }) => ({ user_id: id, email, since: until - WEEK_MS, until }));
        const idempotencyKey = `${ctx.idempotencyKey}:${last}`;
        const { workflowId } = await ctx.enqueueWorkflow(map(sendDigest, inputs), { idempotencyKey });
        workflows.push(workflowId);
      }
      users += page.length;
      ctx.progress(null, `${users} users`, { current: users, total: users });
      if (page.length < PORTION) return { users, left_out, workflows, continued_by: null };
      last = page.at(-1)?.id ?? last;
    }
    const options = { idempotencyKey: `${ctx.idempotencyKey}:next` };
    const next: Receipt = await ctx.enqueue(sendAllDigests, { after: last, until }, options);
    return { users, left_out, workflows, continued_by: next.taskId };
  },
});
