// A workflow on the wire: nested JSON. Each node is a task, a chain, a group, a chord or a graph.
import { z } from '@hono/zod-openapi';
import {
  type Engine,
  EnqueueOptions,
  graphFaults,
  type Issue,
  issuesOf,
  MAX_WORKFLOW_TASKS,
  type NamedNode,
  tooManyTasks,
  WHENS,
  WorkflowName,
  type WorkflowNode,
} from '../engine/manage.ts';
import { HttpProblem } from './problem.ts';
import { strictObject, unknownFields } from './strict-object.ts';
import { OptionsJson, taskName, toOptions, unknownTask } from './task-request.ts';

/** Deeper nesting is a mistake; the limit also bounds the recursion here. */
const MAX_DEPTH = 50;
const MAX_ISSUES = 100;

const FORMS = '{ "name": … }, { "chain": [ … ] }, { "group": [ … ] }, { "chord": { … } } or { "dag": { … } }';
const KINDS = ['name', 'task', 'chain', 'group', 'chord', 'dag'] as const;

const TaskNodeJson = strictObject(
  {
    name: taskName.optional(),
    /** An older spelling of `name`. */
    task: taskName.optional(),
    input: z.record(z.string(), z.unknown()).default({}),
    immutable: z.boolean().default(false),
    options: OptionsJson.omit({ idempotency_key: true, unique: true, unique_for: true, callback_url: true }).optional(),
  },
  { inputs: 'Write `input`.', args: 'Write the arguments as one object: `input`.' },
);

const ChordJson = strictObject({
  header: z.array(z.unknown()),
  body: z.unknown().optional(),
  on_child_failure: z.enum(['fail', 'continue']).default('fail'),
});

/** How a node of a graph stands in it. */
const PlaceJson = z.object({
  after: z.array(z.string()).default([]),
  when: z.enum(WHENS).default('all_success'),
});

/** The node, as far as it could be read, and every fault with its path. Throws EngineError `too_many_tasks`. */
function readWorkflow(engine: Engine, json: unknown, path: string): { node: WorkflowNode; issues: Issue[] } {
  const issues: Issue[] = [];
  return { node: readNode({ engine, issues, tasks: 0 }, json, path, 0), issues };
}

/** What belongs to the workflow as a whole, with its nodes. */
export interface WorkflowRequest {
  root: WorkflowNode;
  onError: WorkflowNode | undefined;
  name: string | undefined;
  tags: string[] | undefined;
}

const OwnJson = z.object({ name: WorkflowName().optional(), tags: EnqueueOptions().shape.tags });

/**
 * A workflow with `on_error`, `tags` and, where the top node is more than one task, its `name`. `at`: the path of the body in the
 * request, '' if it is the whole. Throws HttpProblem `invalid_request`, EngineError `too_many_tasks`.
 */
export function readWholeWorkflow(engine: Engine, body: Record<string, unknown>, at: string): WorkflowRequest {
  const { on_error, tags, ...rest } = body;
  const isTask = !['chain', 'group', 'chord', 'dag'].some((kind) => Object.hasOwn(rest, kind));
  const { name, ...unnamed } = rest;
  const own = OwnJson.safeParse(isTask ? { tags } : { tags, name });
  const root = readWorkflow(engine, isTask ? rest : unnamed, 'workflow');
  const onErrorAt = [at, 'on_error'].filter(Boolean).join('.');
  const onError = on_error === undefined ? undefined : readWorkflow(engine, on_error, onErrorAt);
  const issues = [...issuesOf(own.error, at), ...root.issues, ...(onError?.issues ?? [])];
  if (!own.success || issues.length > 0) throw new HttpProblem('invalid_request', { issues });
  return { root: root.node, onError: onError?.node, name: own.data.name, tags: own.data.tags };
}

interface Reader {
  engine: Engine;
  issues: Issue[];
  /** The number of tasks read so far. */
  tasks: number;
}

const NOTHING: WorkflowNode = { kind: 'chain', nodes: [] };

function readNode(reader: Reader, json: unknown, path: string, depth: number): WorkflowNode {
  const refuse = (message: string): WorkflowNode => note(reader, [{ path, message }]);
  if (reader.issues.length >= MAX_ISSUES) return NOTHING;
  if (depth > MAX_DEPTH) return refuse(`The workflow is nested more than ${MAX_DEPTH} deep.`);
  if (typeof json !== 'object' || json === null) return refuse(`This must be a node: ${FORMS}.`);
  const kinds = KINDS.filter((kind) => kind in json);
  const [kind] = kinds;
  if (kinds.includes('name') && kinds.includes('task')) return refuse('Write `name` or `task`, not both.');
  if (!kind || kinds.length > 1)
    return refuse(`A node has exactly one of name, chain, group, chord and dag: ${FORMS}.`);
  if (kind === 'name' || kind === 'task') return readTask(reader, json, path, kind);
  const value = (json as Record<string, unknown>)[kind];
  const others = Object.keys(json).filter((field) => field !== kind);
  if (others.length > 0) return refuse(unknownFields(others, [kind]));
  if (kind === 'chord') return readChord(reader, value, path, depth);
  if (kind === 'dag') return readDag(reader, value, path, depth);
  if (!Array.isArray(value) || value.length === 0) return refuse(`A ${kind} is a list with at least one node.`);
  const nodes = value.map((each, index) => readNode(reader, each, `${path}.${kind}.${index}`, depth + 1));
  return kind === 'chain' ? { kind, nodes } : { kind, nodes, onChildFailure: 'fail' };
}

function readTask(reader: Reader, json: unknown, path: string, field: 'name' | 'task'): WorkflowNode {
  if (++reader.tasks > MAX_WORKFLOW_TASKS) throw tooManyTasks(path);
  const parsed = TaskNodeJson.safeParse(json);
  if (!parsed.success) return note(reader, issuesOf(parsed.error, path));
  const { input, immutable, options } = parsed.data;
  const name = parsed.data[field] ?? '';
  const definition = reader.engine.registry.get(name);
  if (!definition) return note(reader, [{ path: `${path}.${field}`, message: unknownTask(reader.engine, name) }]);
  return {
    kind: 'task',
    definition,
    bound: input,
    immutable,
    options: toOptions(options ?? {}),
    links: [],
    errorLinks: [],
  };
}

function readChord(reader: Reader, json: unknown, path: string, depth: number): WorkflowNode {
  const parsed = ChordJson.safeParse(json);
  if (!parsed.success) return note(reader, issuesOf(parsed.error, path, 'chord'));
  const { header, body, on_child_failure: onChildFailure } = parsed.data;
  const nodes = header.map((each, index) => readNode(reader, each, `${path}.chord.header.${index}`, depth + 1));
  const end = readNode(reader, body, `${path}.chord.body`, depth + 1);
  return { kind: 'chain', nodes: [{ kind: 'group', nodes, onChildFailure }, end] };
}

function readDag(reader: Reader, json: unknown, path: string, depth: number): WorkflowNode {
  const at = `${path}.dag`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return note(reader, [{ path: at, message: 'A graph is an object: the nodes by name.' }]);
  }
  const nodes: NamedNode[] = [];
  for (const [name, each] of Object.entries(json)) {
    const { after, when, ...rest } = (typeof each === 'object' && each !== null ? each : {}) as Record<string, unknown>;
    const isObject = typeof each === 'object' && each !== null && !Array.isArray(each);
    const node = readNode(reader, isObject ? rest : each, `${at}.${name}`, depth + 1);
    const place = PlaceJson.safeParse({ after, when });
    if (place.success) nodes.push({ name, node, ...place.data });
    else note(reader, issuesOf(place.error, at, name));
    if (reader.issues.length >= MAX_ISSUES) return NOTHING;
  }
  const isWhole = nodes.length === Object.keys(json).length;
  const faults = isWhole ? graphFaults(nodes, at) : [];
  return faults.length > 0 ? note(reader, faults) : { kind: 'dag', nodes };
}

/** Keeps up to MAX_ISSUES faults; readNode then reads no further. */
function note({ issues }: Reader, faults: readonly Issue[]): WorkflowNode {
  issues.push(...faults.slice(0, MAX_ISSUES - issues.length));
  return NOTHING;
}
