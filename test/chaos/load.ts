// The mixed load of the chaos test, in portions: one is enqueued between two kills. Idempotency keys allow each request to be
// repeated after a kill. Unique tasks have none: their unique key decides. Some tasks come one by one at the same time, so
// that they are committed together, and half of these start in the invocation of their request.
import type { Api } from '../../scripts/api.ts';

interface TaskRequest {
  name: string;
  input: object;
  options: Record<string, unknown>;
}

/** One POST. Its reply names what must never be lost. */
interface Order {
  path: '/tasks' | '/tasks/batch' | '/workflows';
  body: object;
  idempotencyKey: string | undefined;
}

export interface Portion {
  orders: Order[];
  /** The reply to each order, by its index. */
  receipts: Map<number, Receipt>;
  /** Orders whose repeated POST named other tasks. */
  changed: number;
  mails: number;
}

export interface Receipt {
  taskIds: string[];
  workflowId: string | undefined;
  duplicate: boolean;
}

/** What one portion holds, besides the mails. */
const PLAIN = 40;
const LIMITED = 30;
const PLACES = 3;
/** They share batches. */
const PUSHES = 12;
const UNIQUE_KEYS = 4;
/** Requests at the same time, with one mail each. */
const AT_ONCE = 16;
const ETAS_SECONDS = [1, 3, 8, 20, 40];

/** The tag of the tasks that must fail. */
export const FAILS = 'chaos:fails';
export const UNIQUE = 'chaos:unique:';

/** `mails`: how many tasks of the portion send one mail each. Its workflows send four more, its single requests sixteen. */
export function makePortion(number: number, mails: number, callbackUrl: string): Portion {
  const tasks = [
    ...many(mails, (i) => task('email.send', mailTo(`person-${number}-${i}`))),
    ...many(PLAIN, (i) => task('demo.echo', { value: i })),
    ...many(LIMITED, (i) => task('demo.limited', { value: i })),
    ...many(PLACES, (key) => many(4, () => task('demo.two_at_once', { key: `place-${key}`, seconds: 1 }))).flat(),
    ...many(6, (i) => task('demo.flaky', { failures: 1 + (i % 3) })),
    ...many(2, () => task('demo.fail', { message: 'on purpose', permanent: true }, { tags: [FAILS] })),
    ...many(PUSHES, (i) => pushTo(`${i % 5 === 0 ? 'busy' : 'phone'}-${number}-${i}`)),
    ...many(2, (i) => ({ ...pushTo(`gone-${number}-${i}`), options: { tags: [FAILS] } })),
    ...many(3, () => task('demo.sleep', { seconds: 5, steps: 5 })),
    ...ETAS_SECONDS.map((countdown) => task('demo.echo', { value: 'later' }, { countdown })),
  ].map((each, i) => ({ ...each, options: { ...each.options, idempotency_key: `chaos-${number}-${i}` } }));
  const workflows = [
    ...many(2, (i) => withCallback(chord(`chord-${number}-${i}`), callbackUrl)),
    chain(`chain-${number}`),
    { group: [chord(`nested-${number}`), ...many(3, (a) => node('demo.add', { a, b: number }))] },
  ];
  const single = many(AT_ONCE, (i) => task('email.send', mailTo(`single-${number}-${i}`), { background: i % 2 === 0 }));
  const unique = many(3, () => many(UNIQUE_KEYS, (key) => uniqueTask(`${key}`))).flat();
  return {
    orders: [
      { path: '/tasks/batch', body: { tasks }, idempotencyKey: undefined },
      ...workflows.map((body, i) => ({
        path: '/workflows' as const,
        body,
        idempotencyKey: `chaos-workflow-${number}-${i}`,
      })),
      ...single.map((body, i) => ({
        path: '/tasks' as const,
        body,
        idempotencyKey: `chaos-single-${number}-${i}`,
      })),
      ...unique.map((body) => ({ path: '/tasks' as const, body, idempotencyKey: undefined })),
    ],
    receipts: new Map(),
    changed: 0,
    mails: mails + workflows.length + AT_ONCE,
  };
}

/**
 * Sends all orders, also those that have a reply already: their repeated POST must name the same tasks. Single requests go at
 * the same time, the others one after the other.
 */
export async function enqueue(api: Api, portion: Portion): Promise<void> {
  const sending: Promise<void>[] = [];
  for (const [index, order] of portion.orders.entries()) {
    const isKeyed = order.idempotencyKey !== undefined;
    // A unique task is new work once the earlier one is final, so its POST is not one to repeat.
    if (order.path === '/tasks' && !isKeyed && portion.receipts.has(index)) continue;
    const sent = sendOrder(api, portion, index, order);
    if (order.path !== '/tasks' || !isKeyed) await sent;
    else {
      sending.push(sent);
      // A kill may end another order first, which throws out of this loop. The error of this one is thrown below.
      sent.catch(() => {});
    }
  }
  await Promise.all(sending);
}

async function sendOrder(api: Api, portion: Portion, index: number, order: Order): Promise<void> {
  const receipt = await send(api, order);
  const known = portion.receipts.get(index);
  if (known && known.taskIds.join() !== receipt.taskIds.join()) portion.changed++;
  portion.receipts.set(index, known ?? receipt);
}

async function send(api: Api, { path, body, idempotencyKey }: Order): Promise<Receipt> {
  const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  const reply = await api.post<{ task_id?: string; task_ids?: string[]; workflow_id?: string; duplicate?: boolean }>(
    path,
    body,
    headers,
  );
  const { task_id, task_ids, workflow_id, duplicate = false } = reply.body;
  return { taskIds: task_ids ?? (task_id ? [task_id] : []), workflowId: workflow_id, duplicate };
}

/** All answered orders of these portions. */
export function receiptsOf(portions: readonly Portion[]): Receipt[] {
  return portions.flatMap(({ receipts }) => [...receipts.values()]);
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function task(name: string, input: object, options: Record<string, unknown> = {}): TaskRequest {
  return { name, input, options };
}

/** Its request takes three seconds, so that kills fall into batches. */
function pushTo(device: string): TaskRequest {
  return task('demo.push', { device, api_ms: 3000 });
}

function uniqueTask(key: string): TaskRequest {
  const unique = { key: `chaos-${key}`, for: 3600, until: 'success' };
  return task('demo.sleep', { seconds: 2, steps: 1 }, { unique, tags: [`${UNIQUE}${key}`] });
}

function node(name: string, input: object) {
  return { name, input, immutable: true };
}

function mailTo(person: string) {
  return { to: `${person}@example.com`, subject: `To ${person}`, text: 'Once, and only once.' };
}

/** Its body sends a mail, so that a body that runs twice is seen. */
function chord(person: string) {
  const header = [...many(4, (a) => node('demo.add', { a, b: 1 })), node('demo.sleep', { seconds: 1, steps: 1 })];
  return { chord: { header, body: node('email.send', mailTo(person)) } };
}

function chain(person: string) {
  return {
    chain: [
      node('demo.echo', { value: 1 }),
      node('demo.flaky', { failures: 1 }),
      node('email.send', mailTo(person)),
      node('demo.echo', { value: 4 }),
    ],
  };
}

function withCallback(workflow: object, url: string) {
  return { ...workflow, callback_url: url };
}
