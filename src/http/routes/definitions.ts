// /definitions: the definitions that can be enqueued, and the input of each.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, type Engine, QUEUE_NAMES, queueOf } from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import { resource, route } from '../route.ts';

const DefinitionJson = z
  .object({
    name: z.string(),
    queue: z.enum(QUEUE_NAMES),
    start: z.enum(['queue', 'here']).describe('`here`: starts in the invocation that enqueues it, if there is a place'),
    max_retries: z.int(),
    timeout_seconds: z.number(),
    unique: z.object({ for_seconds: z.number() }).nullable(),
    rate_limit: z.string().nullable().describe('In Celery’s notation: `100/m`'),
    concurrency: z.int().nullable().describe('How many tasks with the same concurrency key may run at once'),
    batch: z
      .object({
        size: z.int().describe('The most tasks that one call of its handler runs'),
        wait_ms: z.int().describe('How long a task waits for others, while fewer wait'),
      })
      .nullable()
      .describe('Its tasks run in batches; null: each alone'),
    input_schema: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12 of the input that a caller sends'),
  })
  .openapi('Definition');

const list = route({
  method: 'get',
  path: '/definitions',
  access: 'tasks:read',
  isWhole: true,
  summary: 'The definitions, by name',
  responses: {
    200: jsonReply('All of them', z.object({ items: z.array(DefinitionJson) })),
  },
});

export const definitions = resource().openapi(list, (c) =>
  c.json({ items: c.var.services.engine.registry.all().map((one) => definitionJson(c.var.services.engine, one)) }, 200),
);

const UNITS: Record<number, string> = { 1000: 's', 60000: 'm', 3600000: 'h' };

function definitionJson(engine: Engine, definition: AnyDefinition): z.infer<typeof DefinitionJson> {
  const { name, maxRetries, timeoutSeconds, unique, rateLimit, concurrency, batch, input } = definition;
  return {
    name,
    queue: queueOf(engine, definition),
    start: definition.start,
    max_retries: maxRetries,
    timeout_seconds: timeoutSeconds,
    unique: unique ? { for_seconds: unique.forSeconds } : null,
    rate_limit: rateLimit ? `${rateLimit.limit}/${UNITS[rateLimit.windowMs]}` : null,
    concurrency: concurrency?.limit ?? null,
    batch: batch ? { size: batch.size, wait_ms: batch.waitMs ?? 0 } : null,
    input_schema: schemaOf(input),
  };
}

/** JSON Schema cannot express a transformation or a custom check, so it allows any value there. */
function schemaOf(input: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}
