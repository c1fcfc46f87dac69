// Makes one request for an operation: valid, nearly valid, or wrong in a way that no schema describes.
import type { Operation, Parameter } from '../support/contract.ts';
import type { Dice } from './dice.ts';
import { makeForm } from './form.ts';
import { junkText, mutate } from './mutate.ts';
import { ASKED_STEP, kindOf, type Pool } from './pool.ts';
import type { Sampler } from './sample.ts';

export const CALLERS = ['admin', 'writer', 'reader', 'unknown', 'none'] as const;

export interface FuzzRequest {
  operation: Operation;
  /** Whether each value fits the document. */
  kind: 'valid' | 'near' | 'wrong';
  caller: (typeof CALLERS)[number];
  method: string;
  /** With its query, as it is sent. */
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  /** The value of a JSON body that is sent as it should be; undefined for any other body. */
  json: unknown;
}

/** More than the limit of most routes, and deeper than any route takes. */
const LARGE = JSON.stringify({ value: 'x'.repeat(70_000) });
const DEEP = `${'['.repeat(400)}${']'.repeat(400)}`;
const WRONG_BODIES = ['', '{', 'null', '[]', '"text"', '{"a":1,}', '\ufeff{}', LARGE, DEEP];
const WRONG_TYPES = ['text/plain', 'application/xml', 'application/json; charset=latin1', 'multipart/form-data', 'x'];
/** Their schema is any text, but a text that is made up is refused. */
const UNGUESSED = ['content-digest', 'signature', 'expires', 'cursor'];
/** Node sets it from the body. */
const LEFT_TO_NODE = 'content-length';

export interface Parts {
  dice: Dice;
  pool: Pool;
  sampler: Sampler;
}

export function makeRequest(operation: Operation, parts: Parts): FuzzRequest {
  const { dice } = parts;
  const kind = dice.pick(['valid', 'valid', 'near', 'near', 'wrong'] as const);
  const caller = dice.chance(0.75) ? 'admin' : dice.pick(CALLERS);
  const textOf = (parameter: Parameter) => parameterValue(operation, parameter, kind !== 'valid', parts);
  const wanted = operation.parameters.filter(({ required, name }) => {
    if (required) return kind !== 'wrong' || dice.chance(0.9);
    return dice.chance(0.35) && !(kind === 'valid' && UNGUESSED.includes(name));
  });
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
  const path = inPath.reduce(
    (text, parameter) => text.replace(`{${parameter.name}}`, encodePath(textOf(parameter), kind === 'wrong', dice)),
    operation.path,
  );
  const query = wanted.filter((parameter) => parameter.in === 'query').map((each) => [each.name, textOf(each)]);
  if (kind === 'wrong' && dice.chance(0.2)) query.push(['extra', junkText(dice)]);
  const headers = wanted
    .filter((parameter) => parameter.in === 'header' && parameter.name !== LEFT_TO_NODE)
    .map((each) => [each.name, headerText(textOf(each))]);
  const sent = bodyOf(operation, kind, parts);
  const search =
    query.length > 0 ? `?${query.map((pair) => pair.map((each) => encode(String(each))).join('=')).join('&')}` : '';
  return {
    operation,
    kind,
    caller,
    method: operation.method,
    path: `${path}${search}`,
    headers: {
      ...(Object.fromEntries(headers) as Record<string, string>),
      ...sent.headers,
      ...extraHeaders(operation, dice),
    },
    body: sent.body,
    json: sent.json,
  };
}

function parameterValue(
  operation: Operation,
  { name, schema }: Parameter,
  mayBeWrong: boolean,
  { dice, pool, sampler }: Parts,
): string {
  if (mayBeWrong && dice.chance(0.3)) return junkText(dice);
  if (operation.path.startsWith('/queues') && name === 'name')
    return dice.pick(['high', 'default', 'low', 'email', 'files', 'none']);
  // A request that waits for half a minute tests nothing more.
  if (name === 'wait') return dice.pick(['0', '0.1', '1']);
  const kind = kindOf(operation, name);
  const known = kind !== undefined && dice.chance(0.9) ? pool.pick(kind, dice) : undefined;
  return known ?? String(sampler.sample(schema, dice));
}

/** A part of the path. Dots alone and empty parts would make another path of it. */
function encodePath(value: string, wrong: boolean, dice: Dice): string {
  if (wrong && dice.chance(0.05)) return '%E0%A4%A';
  const part = value
    .split('/')
    .map(encode)
    .join(value.startsWith('uploads/') || value.startsWith('outputs/') ? '/' : '%2F');
  return /^(\.|%2E|%2F)*$/i.test(part) ? 'x' : part;
}

/** Percent-encoded, also a text that is not well formed. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** HTTP headers hold printable ASCII here. */
function headerText(value: string): string {
  return value
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 300);
}

function extraHeaders({ path, method }: Operation, dice: Dice): Record<string, string> {
  if (path === '/live' && dice.chance(0.5)) {
    const socket = { 'sec-websocket-version': '13', 'sec-websocket-key': 'ZXJyYW5kIGZ1enogdGVzdA==' };
    return { connection: 'Upgrade', upgrade: 'websocket', ...socket };
  }
  if (path === '/files/{key}' && method === 'GET' && dice.chance(0.4))
    return dice.pick([
      { range: 'bytes=0-3' },
      { range: 'bytes=99999999-' },
      { range: 'bytes=-5' },
      { range: 'lines=1' },
      { 'if-none-match': '*' },
      { 'if-match': '"none"' },
      { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' },
    ] as Record<string, string>[]);
  if (dice.chance(0.03))
    return dice.pick([{ origin: 'https://elsewhere.example' }, { origin: 'null' }] as Record<string, string>[]);
  return {};
}

interface Sent {
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  json?: unknown;
}

function bodyOf(operation: Operation, kind: FuzzRequest['kind'], parts: Parts): Sent {
  const { dice } = parts;
  const content = operation.requestBody?.content;
  if (!content || operation.method === 'GET') return { headers: {}, body: undefined };
  if (!operation.requestBody?.required && dice.chance(0.3)) return { headers: {}, body: undefined };
  const [type = ''] = Object.keys(content);
  const schema = content[type]?.schema ?? {};
  if (kind === 'wrong' && dice.chance(0.6)) return wrongBody(type, dice);
  if (type === 'multipart/form-data') return makeForm(schema, kind !== 'valid', parts);
  if (type !== 'application/json') return { headers: { 'content-type': 'text/plain' }, body: someBytes(dice) };
  const valid = validBody(operation, schema, parts);
  const json = kind === 'valid' ? valid : mutate(dice.chance(0.3) ? mutate(valid, dice) : valid, dice);
  return { headers: { 'content-type': type }, body: Buffer.from(JSON.stringify(json)), json };
}

/** A span to backfill. It is fixed, because the requests of a seed must not depend on the clock. */
const AN_HOUR = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };

/** A value that fits the schema and, mostly, the rules that the schema does not tell. */
function validBody({ name }: Operation, schema: object, { dice, pool, sampler }: Parts): unknown {
  if (name === 'POST /workflows') return sampler.sampleWorkflow(dice);
  const value = sampler.sample(schema, dice) as object;
  if (dice.chance(0.1)) return value;
  const task = sampler.sampleTask(dice);
  if (name === 'POST /tasks') return { ...value, name: task.name, input: task.input };
  if (name === 'POST /tasks/{id}/approvals') return { step: ASKED_STEP, approved: dice.chance(0.5) };
  if (name === 'POST /tasks/{id}/fork') return { from_step: ASKED_STEP };
  if (name === 'POST /schedules/{name}/backfill') return AN_HOUR;
  if (name === 'POST /session') return { key: pool.pick('apiKeyText', dice) ?? 'errand_none' };
  if (!name.endsWith(' /schedules')) return value;
  const { cron: _, every: __, input: ___, ...rest } = value as Record<string, unknown>;
  return { ...rest, task: { name: task.name, input: task.input }, every: 3600, timezone: 'UTC', day: undefined };
}

function wrongBody(type: string, dice: Dice): Sent {
  const headers = { 'content-type': dice.chance(0.5) ? type : dice.pick(WRONG_TYPES) };
  return { headers, body: Buffer.from(dice.pick(WRONG_BODIES)) };
}

export function someBytes(dice: Dice): Uint8Array {
  return Uint8Array.from({ length: dice.below(500) }, () => dice.below(256));
}
