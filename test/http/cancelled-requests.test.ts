// A client that disconnects before its whole body has arrived: no error of the server, whatever the route.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../../src/engine/manage.ts';
import { anApp, countRows } from '../support/worker.ts';

interface Line {
  level: string;
  message: string;
  fields: Record<string, unknown> | undefined;
}

async function aLoggingApp() {
  const lines: Line[] = [];
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void lines.push({ level, message, fields });
  const logger: Logger = { info: at('info'), warn: at('warn'), error: at('error') };
  const secrets = {
    RESEND_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    POSTMARK_WEBHOOK_TOKEN: 'a token of the tests',
  };
  return { ...(await anApp({ settings: secrets }, { logger })), lines };
}

/** A body that breaks after its first bytes, as workerd reports a client that has gone. */
const brokenBody = () => {
  let pulled = false;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (pulled) return controller.error(new Error('Network connection lost.'));
      pulled = true;
      controller.enqueue(new TextEncoder().encode('{"a":'));
    },
  });
};

/** Every route that takes a body, with the content type that it takes. */
async function routesWithBody(): Promise<{ method: string; path: string; type: string }[]> {
  const document = await (await anApp()).call('GET /openapi.json').then((reply) => reply.json());
  const { paths } = document as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } }>>;
  };
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) => {
      const [type] = Object.keys(requestBody?.content ?? {});
      const known = path.replaceAll(/\{\w+\}/g, crypto.randomUUID());
      return type === undefined ? [] : [{ method: method.toUpperCase(), path: known, type }];
    }),
  );
  // A signature covers the bytes of these, so their bodies have no schema.
  const signed = ['resend', 'postmark'].map((name) => ({
    path: `/webhooks/${name}`,
    method: 'POST',
    type: 'text/plain',
  }));
  return [...described, ...signed];
}

describe('a request whose client disconnects before the end of the body', () => {
  it.each([
    ['with a length', { 'content-length': '1000' }],
    ['without a length', {}],
  ])('%s is logged as information with the status 499, on every route with a body', async (_, headers) => {
    const { app, lines } = await aLoggingApp();
    const routes = await routesWithBody();
    expect(routes.length).toBeGreaterThan(15);
    const tasks = await countRows('tasks');
    for (const { method, path, type } of routes) {
      if (path.startsWith('/files/') && method === 'PUT' && !('content-length' in headers)) continue;
      lines.splice(0);
      const multipart = type.startsWith('multipart') ? `${type}; boundary=x` : type;
      const response = await app.fetch(
        new Request(`http://localhost${path}`, {
          method,
          body: brokenBody(),
          headers: { ...headers, 'content-type': multipart },
        }),
        env,
      );
      expect([method, path, response.status]).toEqual([method, path, 499]);
      expect(lines).toEqual([
        {
          level: 'info',
          message: 'the client cancelled the request',
          fields: { method, path, status: 499, request_id: expect.any(String) },
        },
      ]);
    }
    expect(await countRows('tasks')).toBe(tasks);
  });

  it('leaves no file, also when it breaks after the first kilobytes', async () => {
    const { app, lines } = await aLoggingApp();
    let sent = 0;
    const body = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (sent >= 500_000) return controller.error(new Error('Network connection lost.'));
        sent += 50_000;
        controller.enqueue(new Uint8Array(50_000));
      },
    });
    const headers = { 'content-length': '1000000' };
    const keys = async () => (await env.FILES.list()).objects.map(({ key }) => key);
    const before = await keys();

    const put = new Request('http://localhost/files/a.bin', { method: 'PUT', body, headers });

    expect((await app.fetch(put, env)).status).toBe(499);
    expect(lines.map(({ level }) => level)).toEqual(['info']);
    expect(await keys()).toEqual(before);
  });
});

it('a store that fails while the body arrives is still an error of the server', async () => {
  const files = new Proxy({} as never, {
    get: () => async () => {
      throw new Error('Network connection lost.');
    },
  });
  const { call: request } = await anApp({ files });
  const put = request('PUT /files/a.bin', { body: 'four', headers: { 'content-length': '4' } });
  expect((await put).status).toBe(500);
});
