// /definitions: what can be enqueued, and what input each takes.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, QUEUES } from '../../engine/index.ts';
import { resource, route } from '../route.ts';

const DefinitionJson = z
  .object({
    name: z.string(),
    queue: z.enum(QUEUES),
    max_retries: z.int(),
    timeout_seconds: z.number(),
    unique: z.object({ for_seconds: z.number() }).nullable(),
    rate_limit: z.string().nullable(),
    input_schema: z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12 of the input as a caller writes it'),
  })
  .openapi('Definition');

const list = route({
  method: 'get',
  path: '/definitions',
  access: 'tasks:read',
  summary: 'The definitions, by name',
  responses: {
    200: {
      description: 'All of them',
      content: { 'application/json': { schema: z.object({ items: z.array(DefinitionJson) }) } },
    },
  },
});

export const definitions = resource().openapi(list, (c) =>
  c.json({ items: c.var.services.engine.registry.all().map(definitionJson) }, 200),
);

function definitionJson(definition: AnyDefinition): z.infer<typeof DefinitionJson> {
  const { name, queue, maxRetries, timeoutSeconds, unique, input } = definition;
  return {
    name,
    queue: queue ?? 'default',
    max_retries: maxRetries,
    timeout_seconds: timeoutSeconds,
    unique: unique ? { for_seconds: unique.forSeconds } : null,
    rate_limit: null,
    input_schema: schemaOf(input),
  };
}

/** What JSON Schema cannot say (a transformation, a custom check) is left open. */
function schemaOf(input: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}
