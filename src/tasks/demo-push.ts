// Demo tasks that push messages over a mock of an API that takes up to a hundred in one request: `demo.push` runs in batches,
// `demo.push_one` sends a request for each message. They exist only when DEMO_TASKS is "on".
import { z } from 'zod';
import { type BatchOutcome, defineTask, fixed, PermanentFailure } from '../engine/index.ts';

const input = () =>
  z.object({
    device: z.string().min(1).max(100),
    text: z.string().max(1000).default(''),
    /** How long the mock takes for a request, in milliseconds. */
    api_ms: z.int().min(0).max(60_000).default(50),
  });
const output = () => z.object({ device: z.string(), message_id: z.string() });

interface PushMessage {
  device: string;
  attempt: number;
  idempotencyKey: string;
}

type Reply =
  | { device: string; status: 'sent'; message_id: string }
  | { device: string; status: 'unregistered' | 'busy' };

const push = defineTask({
  name: 'demo.push',
  input,
  output,
  batch: { size: 100, waitMs: 2000 },
  retry: { backoff: fixed(1) },
  async runMany(inputs, { members, signal }) {
    const messages = members.map(({ attempt, idempotencyKey }, index) => {
      return { device: inputs[index]?.device ?? '', attempt, idempotencyKey };
    });
    const replies = await send(messages, Math.max(...inputs.map(({ api_ms }) => api_ms)), signal);
    return replies.map((reply, index): BatchOutcome<z.input<ReturnType<typeof output>>> => {
      if (reply.status === 'sent') return { result: { device: reply.device, message_id: reply.message_id } };
      members[index]?.log('not pushed', { status: reply.status });
      return reply.status === 'busy' ? { retry: { in: 1 } } : { error: gone(reply.device) };
    });
  },
});

const pushOne = defineTask({
  name: 'demo.push_one',
  input,
  output,
  retry: { backoff: fixed(1) },
  async run({ device, api_ms }, ctx) {
    const { attempt, idempotencyKey } = ctx;
    const [reply] = await send([{ device, attempt, idempotencyKey }], api_ms, ctx.signal);
    if (reply?.status === 'sent') return { device, message_id: reply.message_id };
    ctx.log('not pushed', { status: reply?.status });
    if (reply?.status === 'busy') ctx.retry({ in: 1 });
    throw gone(device);
  },
});

/** The mock: devices named `gone…` are not registered, and those named `busy…` take the second attempt only. */
async function send(messages: readonly PushMessage[], apiMs: number, signal: AbortSignal): Promise<Reply[]> {
  if (apiMs > 0) await scheduler.wait(apiMs, { signal });
  return messages.map(({ device, attempt, idempotencyKey }) => {
    if (device.startsWith('gone')) return { device, status: 'unregistered' };
    if (device.startsWith('busy') && attempt === 1) return { device, status: 'busy' };
    return { device, status: 'sent', message_id: `message-${idempotencyKey}` };
  });
}

function gone(device: string): PermanentFailure {
  return new PermanentFailure(`${device} is gone`, 'unregistered');
}

export const demoPushTasks = [push, pushOne];
