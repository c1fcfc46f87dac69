// Requests → rows to insert: validates, chooses the queue, makes ids and dedupe keys, stores large inputs.
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { waitSeconds } from './batch/rule.ts';
import type { Declaration } from './declaration.ts';
import { dedupeKeysOf, hasDedupeKeys } from './dedupe-keys.ts';
import { wakeTime } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { dueTime, EnqueueOptions, expiryTime, timesFault } from './enqueue-options.ts';
import { EngineError, type Issue, issuesOf } from './errors.ts';
import { hookRequests } from './hooks.ts';
import { queueOf } from './limits/routes.ts';
import type { NewTask } from './new-task.ts';
import { checkIn, exceeds } from './payloads.ts';
import { mayStartHere } from './start-here.ts';
import { NotJson, toJson } from './to-json.ts';

/** One task to enqueue. */
export interface EnqueueRequest {
  definition: Declaration;
  input: unknown;
  options?: EnqueueOptions;
  /** Where it starts. Default: what its definition says. */
  start?: Declaration['start'];
  /** The rest of the input comes from the task's parents later: only the given part is checked. */
  partial?: boolean;
}

const MAX_ISSUES = 100;
const NOTHING: string[] = [];

/**
 * Validates, and makes the rows to insert. Large inputs are stored when it resolves. `path` says to which part of a larger
 * request an issue belongs. Throws EngineError `invalid_input`, `invalid_options`, `input_too_large`.
 */
export async function prepareTasks(
  engine: Engine,
  asked: readonly EnqueueRequest[],
  path: (index: number) => string = () => '',
): Promise<NewTask[]> {
  const requests = engine.hooks?.length ? await hookRequests(engine, asked) : asked;
  const now = engine.clock.now();
  const inputs = validateRequests(engine, requests, path, now);
  const tasks: NewTask[] = [];
  for (const [index, { definition, options = {}, partial = false, start = definition.start }] of requests.entries()) {
    const json = inputs[index] ?? 'null';
    const id = uuidv7();
    const dueAt = dueTime(options, now);
    tasks.push({
      id,
      name: definition.name,
      queue: queueOf(engine, definition, options),
      // Ten thousand plain tasks wait for nothing here.
      input: exceeds(json, engine.settings.inlineBytes) ? await checkIn(engine, id, 'input', json) : { json },
      tags: [...new Set(options.tags)],
      maxRetries: options.maxRetries ?? definition.maxRetries,
      createdAt: now,
      dueAt,
      wakeAt: wakeTime(engine, dueAt, now) + waitSeconds(definition) * 1000,
      expiresAt: expiryTime(options, now),
      concurrencyKey: definition.concurrency ? concurrencyKeyOf(definition, json) : null,
      asks: requests[index]?.options ? namesOf(options) : NOTHING,
      callback: options.callbackUrl === undefined ? null : JSON.stringify({ url: options.callbackUrl }),
      // The input of a partial one is not known yet. Workflows give their tasks no keys anyway.
      ...(start === 'here' && !partial && mayStartHere(engine, definition) && { startsHere: true }),
      dedupeKeys:
        partial || !hasDedupeKeys(definition, options)
          ? []
          : await dedupeKeysOf(definition, { id, json }, options, now),
    });
  }
  return tasks;
}

/** The options that were given. */
function namesOf(options: EnqueueOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** A partial input that lacks the fields the key is made of shares the limit with all tasks of the definition. */
function concurrencyKeyOf(definition: Declaration, json: string): string {
  const { name, concurrency, input } = definition;
  const parsed = concurrency?.key ? input.safeParse(JSON.parse(json)) : undefined;
  return parsed?.success ? `${name}:${concurrency?.key?.(parsed.data)}` : name;
}

/** The JSON texts of all inputs. Throws EngineError `invalid_input`, `invalid_options`, `input_too_large` with at most 100 issues. */
export function validateRequests(
  engine: Engine,
  requests: readonly EnqueueRequest[],
  path: (index: number) => string,
  now: number,
): string[] {
  const issues: Issue[] = [];
  const texts: string[] = [];
  /** The input that each schema has accepted last: equal bytes are checked once. */
  const accepted = new Map<z.ZodType, string>();
  for (const [index, { definition, input, options, partial = false }] of requests.entries()) {
    const json = written(input, path(index));
    texts.push(json);
    if (exceeds(json, engine.settings.maxPayloadBytes)) {
      const limit = `${engine.settings.maxPayloadBytes} bytes`;
      throw new EngineError('input_too_large', `${path(index) || 'the input'} is larger than ${limit}`);
    }
    // Checks the value that will be stored and read again, not the one in memory here.
    const schema = schemaOf(definition, partial);
    if (partial || accepted.get(schema) !== json) {
      const parsed = schema.safeParse(JSON.parse(json));
      if (!parsed.success) issues.push(...issuesOf(parsed.error, path(index), 'input'));
      else if (!partial) accepted.set(schema, json);
    }
    if (options) refuseOptions(options, path(index), now);
    if (issues.length >= MAX_ISSUES) break;
  }
  if (issues.length > 0) throw new EngineError('invalid_input', 'the input is not valid', issues.slice(0, MAX_ISSUES));
  return texts;
}

/** The JSON text of an input. Throws EngineError `invalid_input`. */
function written(input: unknown, path: string): string {
  try {
    return toJson(input, 'input');
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const issue = { ...error.issue, path: [path, error.issue.path].filter(Boolean).join('.') };
    throw new EngineError('invalid_input', `the input is not valid: ${error.message}`, [issue]);
  }
}

/** The schema of the input; of a partial input the same with no field required, if the schema allows that. */
function schemaOf({ input }: Declaration, partial: boolean): z.ZodType {
  if (!partial) return input;
  const refined = input instanceof z.ZodObject && (input.def.checks?.length ?? 0) > 0;
  return input instanceof z.ZodObject && !refined ? input.partial() : z.unknown();
}

function refuseOptions(options: EnqueueOptions, path: string, now: number): void {
  const { error } = EnqueueOptions().safeParse(options);
  const fault = error ? undefined : timesFault(options, now);
  const issues = [...issuesOf(error, path, 'options'), ...(fault ? [expiresIssue(path, fault)] : [])];
  if (issues.length > 0) throw new EngineError('invalid_options', 'the options are not valid', issues);
}

function expiresIssue(path: string, message: string): Issue {
  return { path: [path, 'options', 'expires'].filter(Boolean).join('.'), message };
}
