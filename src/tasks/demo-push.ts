// A demo task that runs in batches: push messages over an API that takes up to a hundred in one request. The API is a mock. They
// exist only when DEMO_TASKS is "on".
import { z } from 'zod';
import { type BatchOutcome, defineTask, fixed, PermanentFailure } from '../engine/index.ts';

interface PushMessage {
  device: string;
  text: string;
}

const Pushed = z.object({ device: z.string(), message_id: z.string() });

const push = defineTask({
  name: 'demo.push',
  input: z.object({
    device: z.string().min(1).max(100),
    text: z.string().max(1000).default(''),
    /** How long the mock takes for a request, in milliseconds. */
    api_ms: z.int().min(0).max(60_000).default(50),
  }),
  output: Pushed,
  batch: { size: 100, waitMs: 2000 },
  retry: { backoff: fixed(1) },
  async runMany(inputs, ctx) {
    const slowest = Math.max(...inputs.map(({ api_ms }) => api_ms));
    if (slowest > 0) await scheduler.wait(slowest, { signal: ctx.signal });
    const replies = sendAll(inputs, ctx.members);
    return replies.map((reply, index): BatchOutcome<z.input<typeof Pushed>> => {
      if (reply.status === 'sent') return { result: { device: reply.device, message_id: reply.messageId } };
      ctx.members[index]?.log('not pushed', { status: reply.status });
      if (reply.status === 'busy') return { retry: { in: 1 } };
      return { error: new PermanentFailure(`${reply.device} is gone`, 'unregistered') };
    });
  },
});

type Reply =
  | { device: string; status: 'sent'; messageId: string }
  | { device: string; status: 'unregistered' | 'busy' };

/** The mock: devices named `gone…` are not registered, and those named `busy…` take the second attempt only. */
function sendAll(
  messages: readonly PushMessage[],
  members: readonly { attempt: number; idempotencyKey: string }[],
): Reply[] {
  return messages.map(({ device }, index) => {
    const { attempt = 1, idempotencyKey = '' } = members[index] ?? {};
    if (device.startsWith('gone')) return { device, status: 'unregistered' };
    if (device.startsWith('busy') && attempt === 1) return { device, status: 'busy' };
    return { device, status: 'sent', messageId: `message-${idempotencyKey}` };
  });
}

export const demoPushTasks = [push];
