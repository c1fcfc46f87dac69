// From requests to the rows to insert: validates, chooses the lane, makes ids and keys, checks large inputs in.
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { dueTime, EnqueueOptions, expiryTime } from './enqueue-options.ts';
import { EngineError, type Issue, issuesOf } from './errors.ts';
import { keysOf } from './keys.ts';
import { laneOf } from './limits/route.ts';
import { checkIn, exceeds } from './payloads.ts';
import { wakeTime } from './ring.ts';
import type { NewTask } from './store/insert-tasks.ts';
import type { AnyDefinition } from './task.ts';

/** One task to enqueue. */
export interface Request {
  definition: AnyDefinition;
  input: unknown;
  options?: EnqueueOptions;
  /** The rest of the input will come from the task's parents: only what is given is checked. */
  partial?: boolean;
}

const MAX_ISSUES = 100;

/**
 * Validates, and makes the rows to insert. Large inputs are already checked in when it resolves. `path` says which part of
 * a larger request an issue belongs to. Throws EngineError `invalid_input`, `invalid_options`, `input_too_large`.
 */
export async function prepareTasks(
  engine: Engine,
  requests: readonly Request[],
  path: (index: number) => string = () => '',
): Promise<NewTask[]> {
  const now = engine.clock.now();
  const inputs = validate(engine, requests, path);
  const tasks: NewTask[] = [];
  for (const [index, { definition, options = {}, partial = false }] of requests.entries()) {
    const json = inputs[index] ?? 'null';
    const id = uuidv7();
    const dueAt = dueTime(options, now);
    tasks.push({
      id,
      name: definition.name,
      queue: laneOf(engine, definition, options),
      input: await checkIn(engine, id, 'input', json),
      tags: [...new Set(options.tags)],
      maxRetries: options.maxRetries ?? definition.maxRetries,
      createdAt: now,
      dueAt,
      wakeAt: wakeTime(engine, dueAt, now),
      expiresAt: expiryTime(options, now),
      concurrencyKey: definition.concurrency ? concurrencyKeyOf(definition, json) : null,
      callback: options.callbackUrl === undefined ? null : JSON.stringify({ url: options.callbackUrl }),
      // A task of a workflow takes none, and the rest of this one's input is not known yet.
      keys: partial ? [] : await keysOf(definition, { id, json }, options, now),
    });
  }
  return tasks;
}

/** Whom the task shares its places with. What a part of an input says nothing about is shared by all. */
function concurrencyKeyOf(definition: AnyDefinition, json: string): string {
  const { name, concurrency, input } = definition;
  const parsed = concurrency?.key ? input.safeParse(JSON.parse(json)) : undefined;
  return parsed?.success ? `${name}:${concurrency?.key?.(parsed.data)}` : name;
}

/** The JSON texts of all inputs; throws with every issue found (at most 100). */
function validate(engine: Engine, requests: readonly Request[], path: (index: number) => string): string[] {
  const issues: Issue[] = [];
  const texts: string[] = [];
  for (const [index, { definition, input, options, partial = false }] of requests.entries()) {
    const json = JSON.stringify(input) ?? 'null';
    texts.push(json);
    if (exceeds(json, engine.settings.maxPayloadBytes)) {
      const limit = `${engine.settings.maxPayloadBytes} bytes`;
      throw new EngineError('input_too_large', `${path(index) || 'the input'} is larger than ${limit}`);
    }
    // What is checked is what will be stored and read again, not the value as it is in memory here.
    const parsed = schemaOf(definition, partial).safeParse(JSON.parse(json));
    if (!parsed.success) issues.push(...issuesOf(parsed.error, path(index), 'input'));
    const checked = options && EnqueueOptions.safeParse(options);
    if (checked && !checked.success) {
      throw new EngineError(
        'invalid_options',
        'the options are not valid',
        issuesOf(checked.error, path(index), 'options'),
      );
    }
    if (issues.length >= MAX_ISSUES) break;
  }
  if (issues.length > 0) throw new EngineError('invalid_input', 'the input is not valid', issues.slice(0, MAX_ISSUES));
  return texts;
}

/** The input's schema; for a part of the input the same with nothing required, where the schema allows that. */
function schemaOf({ input }: AnyDefinition, partial: boolean): z.ZodType {
  if (!partial) return input;
  const refined = input instanceof z.ZodObject && (input.def.checks?.length ?? 0) > 0;
  return input instanceof z.ZodObject && !refined ? input.partial() : z.unknown();
}
