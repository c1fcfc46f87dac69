// Resend's official client, given what a request says, must write the same request. The client drops fields that it does not know.
import { createRequire } from 'node:module';
import type { Asked } from '../mail/fakes/server.ts';

interface Written {
  path: string;
  options: { method: string; headers: Headers; body: string };
}
interface Client {
  fetchRequest(path: string, options: Written['options']): Promise<unknown>;
  emails: { send(email: object, options: { idempotencyKey: string | undefined }): Promise<unknown> };
}

const { Resend } = createRequire(import.meta.url)('resend') as { Resend: new (key: string) => Client };

/** Everything in which the request differs from the client's. */
export async function faultsOfResend({ method, url, headers, body }: Asked): Promise<string[]> {
  const sent = JSON.parse(body.toString()) as Record<string, unknown>;
  const client = new Resend(String(headers.authorization?.replace(/^Bearer /, '')));
  let written: Written | undefined;
  client.fetchRequest = async (path, options) => {
    written = { path, options };
    return { data: { id: 'an id' }, error: null };
  };
  await client.emails.send(asOptions(sent), { idempotencyKey: headers['idempotency-key'] });
  if (!written) return ['the client sent nothing'];
  const { path, options } = written;
  const named = ['authorization', 'content-type', 'idempotency-key'] as const;
  const pairs: [string, unknown, unknown][] = [
    ['method', method, options.method],
    ['path', new URL(url).pathname, path],
    ...named.map((name): [string, unknown, unknown] => [`header ${name}`, headers[name], options.headers.get(name)]),
    ...differingFields(sent, JSON.parse(options.body) as Record<string, unknown>),
  ];
  return pairs
    .filter(([, ours, theirs]) => JSON.stringify(ours) !== JSON.stringify(theirs))
    .map(([part, ours, theirs]) => `${part}: ${JSON.stringify(ours)}, by the client ${JSON.stringify(theirs)}`);
}

function differingFields(ours: Record<string, unknown>, theirs: Record<string, unknown>): [string, unknown, unknown][] {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names].map((name) => [`body/${name}`, sorted(ours[name]), sorted(theirs[name])]);
}

/** The client takes the names of fields in camel case. */
function asOptions({ attachments, ...body }: Record<string, unknown>): object {
  const files = attachments as Record<string, unknown>[] | undefined;
  return { ...camel(body), ...(files && { attachments: files.map(camel) }) };
}

function camel(fields: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** The same value with the fields of each object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
