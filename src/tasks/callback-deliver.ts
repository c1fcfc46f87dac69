// callback.deliver: sends a POST to the caller's URL when a task or a workflow is final, signed as Standard Webhooks require
// (standardwebhooks.com). A trigger in the database enqueues it together with the task's final state. It delivers at least once:
// `webhook-id` is the same for every attempt.
import ipaddr from 'ipaddr.js';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { callbackIdOf, defineTask, exponential, isFinal, PermanentFailure, type Task } from '../engine/index.ts';

const TIMEOUT_MS = 15_000;
/** The longest result that a callback contains. The receiver fetches a longer one from the API. */
const MAX_RESULT_CHARACTERS = 262_144;

export const deliverCallback = defineTask({
  name: 'callback.deliver',
  input: () => z.object({ url: z.string(), task_id: z.uuid(), workflow_id: z.uuid().nullish() }),
  output: () => z.object({ status: z.int().nullable() }),
  // The number of retries must be the one in the migration that enqueues this task.
  retry: { max: 12, backoff: exponential({ base: 10, max: 4 * 3600 }) },
  timeoutSeconds: 30,
  async run({ url, task_id, workflow_id }, ctx) {
    const { callbacks } = ctx.settings;
    if (!callbacks.secret)
      throw new PermanentFailure(
        'WEBHOOK_SECRET is not set, and callbacks are never sent unsigned.',
        'callbacks_disabled',
      );
    // Without this check, a caller could enqueue this task and have any task's state signed and sent to any URL.
    if (ctx.id !== callbackIdOf(task_id))
      throw new PermanentFailure(
        'Only the end of a task may enqueue its callback; a caller enqueued this one.',
        'bad_callback',
      );
    const fault = callbackFault(url, callbacks.allowPrivate);
    if (fault) throw new PermanentFailure(`The callback URL ${fault}.`, 'bad_callback');
    const task = await ctx.tasks.find(task_id);
    if (!isFinal(task.state)) return { status: null }; // The task runs again. Its next end enqueues a callback again.
    const body = JSON.stringify(bodyOf(task, workflow_id ?? undefined));
    const id = `msg_${task_id}_${task.finishedAt}`;
    const sentAt = new Date(ctx.now());
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'errand',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': new Webhook(callbacks.secret).sign(id, sentAt, body),
      },
      body,
      redirect: 'manual', // A redirect could lead into a private network.
      signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    if (response.status === 410)
      throw new PermanentFailure(`${new URL(url).host} answered 410: it wants no more callbacks.`, 'gone');
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status} to the callback.`);
    return { status: response.status };
  },
});

/**
 * Why no callback may be sent to the URL, as the end of a sentence ("must …"); undefined when it may.
 * `allowPrivate` also allows plain HTTP and private networks, for development.
 */
export function callbackFault(url: string, allowPrivate: boolean): string | undefined {
  const parsed = URL.parse(url);
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) return 'must be an http(s) URL';
  if (parsed.username || parsed.password) return 'must not contain credentials';
  if (allowPrivate) return undefined;
  if (parsed.protocol !== 'https:') return 'must begin with https:';
  const host = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  if (/(^|\.)(localhost|local|internal|home\.arpa)$/i.test(host)) return 'must not lead into a private network';
  if (!ipaddr.isValid(host)) return host.includes('.') ? undefined : 'must have a public host name';
  return isPublic(ipaddr.process(host)) ? undefined : 'must not lead to a private, loopback or reserved address';
}

/** For IPv6, only 2000::/3, which IANA assigns. An address such as `::127.0.0.1` counts as unicast but means IPv4 loopback. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(ipaddr.IPv6.parseCIDR('2000::/3'));
}

const WORDS = { SUCCESS: 'succeeded', FAILURE: 'failed', REVOKED: 'revoked' } as const;

function bodyOf(task: Task, workflowId: string | undefined): unknown {
  const { id, name, state, result, error, finishedAt, tags } = task;
  const json = result && 'json' in result ? result.json : undefined;
  const small = json !== undefined && json.length <= MAX_RESULT_CHARACTERS;
  return {
    type: `${workflowId ? 'workflow' : 'task'}.${WORDS[state as keyof typeof WORDS]}`,
    timestamp: new Date(finishedAt ?? 0).toISOString(),
    data: {
      ...(workflowId && { workflow_id: workflowId }),
      task_id: id,
      name,
      status: state,
      result: small ? JSON.parse(json) : null,
      ...(result && !small && { result_url: `/tasks/${id}/result` }),
      error: error ? { code: error.code, type: error.type, message: error.message } : null,
      tags,
    },
  };
}
