// Makes valid values from JSON Schemas, small ones: the fuzz tries many requests, not large ones.
import { generateSync } from 'json-schema-faker';
import type { OpenApiDocument } from '../support/contract.ts';
import type { Dice } from './dice.ts';
import type { Pool } from './pool.ts';

const MOST = { maxLength: 40, maxItems: 4, maxProperties: 4, maximum: 50 };

export interface Definition {
  name: string;
  input_schema: object;
}

export type Sampler = ReturnType<typeof createSampler>;

export function createSampler(document: OpenApiDocument, definitions: readonly Definition[], pool: Pool) {
  const components = tame(document.components) as { schemas: Record<string, { properties: Record<string, object> }> };
  const inputs = new Map(definitions.map(({ name, input_schema }) => [name, tame(input_schema) as object]));
  const names = [...inputs.keys()];

  /** A value that fits the schema of the document. */
  function sample(schema: object, dice: Dice): unknown {
    return fill(fake({ ...(tame(schema) as object), components }, dice), dice);
  }

  /** Most tasks have a name that exists and an input that fits; most file keys name files that exist. */
  function fill(value: unknown, dice: Dice): unknown {
    if (Array.isArray(value)) return value.map((each) => fill(each, dice));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, known(field, inner, dice) ?? fill(inner, dice)]),
    );
  }

  function known(field: string, value: unknown, dice: Dice): unknown {
    if (field === 'callback_url') return 'https://callbacks.invalid/errand';
    if (dice.chance(0.2)) return undefined;
    if (field === 'cron') return dice.pick(['* * * * *', '0 9 * * MON', '@daily', '*/7 1-5 1,15 * *']);
    if (field === 'timezone') return dice.pick(['UTC', 'Europe/Berlin', 'America/St_Johns']);
    if (field === 'task') return sampleTask(dice).name;
    if (field === 'tasks' && Array.isArray(value)) return value.map(() => sampleTask(dice));
    if (field === 'file' && typeof value === 'string') return pool.pick('file', dice);
    if (field === 'files' && Array.isArray(value)) return value.map((each) => pool.pick('file', dice) ?? each);
    if (field === 'workflow_id') return pool.pick('workflow', dice);
    return undefined;
  }

  function sampleTask(dice: Dice): { name: string; input: unknown } & Record<string, unknown> {
    const request = components.schemas.TaskRequest as object;
    const {
      name: _,
      input: __,
      ...others
    } = fill(fake({ ...request, components }, dice), dice) as object & {
      name: string;
      input?: unknown;
    };
    const name = dice.pick(names);
    return { ...others, name, input: fill(fake(inputs.get(name) as object, dice), dice) };
  }

  function sampleNode(dice: Dice, depth: number): object {
    const nodes = (least: number) => Array.from({ length: least + dice.below(3) }, () => sampleNode(dice, depth + 1));
    const kind = depth > 2 ? 'task' : dice.pick(['task', 'chain', 'group', 'chord']);
    if (kind === 'chain') return { chain: nodes(1) };
    if (kind === 'group') return { group: nodes(1) };
    if (kind === 'chord') return { chord: { header: nodes(1), body: sampleNode(dice, depth + 1) } };
    const { name, input } = sampleTask(dice);
    return { name, input, immutable: dice.chance(0.8) };
  }

  return {
    sample,
    sampleTask,
    /** What the schema of POST /workflows leaves open. */
    sampleWorkflow: (dice: Dice) => sampleNode(dice, 0),
  };
}

function fake(schema: object, dice: Dice): unknown {
  return generateSync(schema as never, { seed: dice.below(2 ** 31), optionalsProbability: 0.4 });
}

/** The schema with smaller limits, where it allows larger ones. */
function tame(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tame);
  if (typeof schema !== 'object' || schema === null) return schema;
  const tamed = Object.fromEntries(Object.entries(schema).map(([name, inner]) => [name, tame(inner)]));
  for (const [limit, most] of Object.entries(MOST)) {
    const least = Number(tamed[limit.replace('max', 'min')] ?? 0);
    if (typeof tamed[limit] === 'number') tamed[limit] = Math.min(tamed[limit], Math.max(least, most));
  }
  return tamed;
}
