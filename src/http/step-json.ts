// A recorded step on the wire.
import { z } from '@hono/zod-openapi';
import { type RecordedStep, type StepNews, type WholeStep, wokenBy } from '../engine/manage.ts';
import { iso, isoInstant, isoOrNull } from './iso.ts';
import { errorJson, TaskErrorJson } from './task-json.ts';

/** Which step of a task: its name, or name and occurrence. */
export const StepNameJson = z.union(
  [z.string().min(1).max(256), z.strictObject({ name: z.string().min(1).max(256), occurrence: z.int().min(1) })],
  { error: 'must be the name of a step, 1–256 characters, or { "name": …, "occurrence": 1 }' },
);

export const stepNameOf = (given: z.infer<typeof StepNameJson>): { name: string; occurrence: number } =>
  typeof given === 'string' ? { name: given, occurrence: 1 } : given;

export const StepJson = z
  .object({
    name: z.string(),
    occurrence: z.int().describe('1 for the first step of this name in the task, 2 for the second'),
    kind: z.enum(['do', 'sleep', 'event', 'approval', 'each']),
    outcome: z
      .enum(['open', 'done', 'failed', 'timed_out'])
      .describe('`open`: it sleeps, waits, goes through its items, or is tried again later'),
    result: z
      .unknown()
      .describe('What it returned, the payload of its event, or the decision; null: none, or a long one'),
    has_long_result: z
      .boolean()
      .describe('`result` is left out because it has more than 2,048 characters. GET /tasks/{id}/steps/{name} has it'),
    error: TaskErrorJson.nullable(),
    about: z
      .object({ title: z.string(), details: z.record(z.string(), z.unknown()).optional() })
      .nullable()
      .describe('What an approval asks'),
    started_at: isoInstant,
    ended_at: isoInstant.nullable(),
    until: isoInstant.nullable().describe('When it wakes, times out, or is tried again; null: it is not open'),
    attempt: z
      .int()
      .describe('The number of the attempt that recorded it; 0: of the task that this one was forked from'),
    tries: z.int().describe('How often its body has run, as far as is recorded'),
    waits_for: z.object({ type: z.string(), key: z.string().nullable() }).nullable(),
    event_id: z.string().nullable().describe('The event that ended the wait'),
    undo: z
      .object({
        outcome: z
          .enum(['offered', 'done', 'failed'])
          .describe('`offered`: it runs if the task ends as FAILURE or REVOKED'),
        tries: z.int(),
        error: TaskErrorJson.nullable(),
        at: isoInstant.nullable(),
      })
      .nullable(),
  })
  .openapi('Step');

/** A step in a stream of events: without result and error. */
export const StepNewsJson = StepJson.pick({
  ...{ name: true, occurrence: true, kind: true, outcome: true, started_at: true, ended_at: true, until: true },
})
  .extend({ undo: z.enum(['offered', 'done', 'failed']).nullable() })
  .openapi('StepNews');

export function stepNewsJson(step: StepNews): z.infer<typeof StepNewsJson> {
  const { name, occurrence, kind, outcome } = step;
  return {
    ...{ name, occurrence, kind, outcome },
    started_at: iso(step.startedAt),
    ended_at: isoOrNull(step.endedAt),
    until: outcome === 'open' ? isoOrNull(step.until) : null,
    undo: step.undo ?? null,
  };
}

/** `now`: epoch milliseconds. A sleep that is over is done, though its row does not say so. */
export function stepJson(step: RecordedStep, now: number): z.infer<typeof StepJson> {
  const { name, occurrence, kind, attempt, tries, result, waitsFor, undo } = step;
  const { outcome, endedAt } = wokenBy(step, now);
  return {
    ...{ name, occurrence, kind, outcome, attempt, tries },
    result: resultJson(step),
    has_long_result: step.isLong || (result !== undefined && 'key' in result),
    error: step.error ? errorJson(step.error) : null,
    about: step.about ? { title: step.about.title, ...(step.about.details && { details: step.about.details }) } : null,
    started_at: iso(step.startedAt),
    ended_at: isoOrNull(endedAt),
    until: outcome === 'open' ? isoOrNull(step.until) : null,
    waits_for: waitsFor ? { type: waitsFor.type, key: waitsFor.key === '' ? null : waitsFor.key } : null,
    event_id: step.eventId ?? null,
    undo: undo
      ? {
          outcome: undo.outcome,
          tries: undo.tries,
          error: undo.error ? errorJson(undo.error) : null,
          at: isoOrNull(undo.at),
        }
      : null,
  };
}

/**
 * The same with the whole result, in parts: a large one is a stream. A decision is short, so its instant is written as every reply has it.
 */
export function wholeStepJson({ step, json }: WholeStep, now: number): string | ReadableStream<Uint8Array> {
  const shown = { ...stepJson(step, now), has_long_result: false };
  if (json === undefined || step.kind === 'approval') return JSON.stringify(shown);
  const { result: _, ...rest } = shown;
  const [before, after] = [`${JSON.stringify(rest).slice(0, -1)},"result":`, '}'];
  return typeof json === 'string' ? before + json + after : joined(before, json, after);
}

function joined(before: string, json: ReadableStream<Uint8Array>, after: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return json.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(before)),
      flush: (controller) => controller.enqueue(encoder.encode(after)),
    }),
  );
}

/** A decision has its instant as every reply has it. */
function resultJson({ kind, outcome, result }: RecordedStep): unknown {
  if (!result || !('json' in result)) return null;
  const value: unknown = JSON.parse(result.json);
  if (kind !== 'approval' || outcome !== 'done') return value;
  const decision = value as { at: number };
  return { ...decision, at: iso(decision.at) };
}
