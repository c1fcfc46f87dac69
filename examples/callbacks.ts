// Receives the callbacks of Errand in another Worker.
// docs/guides/callbacks.md explains it; test/examples/callbacks.test.ts runs it.
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

interface Callback {
  type: string;
  timestamp: string;
  data: { task_id: string; status: string; result?: unknown; error: unknown; tags: string[] };
}

export default {
  async fetch(request: Request, env: { WEBHOOK_SECRET: string }): Promise<Response> {
    // The signature covers the exact text, so the body must not be parsed before.
    const body = await request.text();
    // verify() finds nothing in a Headers object: it needs a plain one.
    const headers = Object.fromEntries(request.headers);
    try {
      const { type, data } = new Webhook(env.WEBHOOK_SECRET).verify(body, headers) as Callback;
      return new Response(`${type}: task ${data.task_id} is ${data.status}`);
    } catch (error) {
      if (error instanceof WebhookVerificationError) return new Response(error.message, { status: 401 });
      throw error;
    }
  },
};
