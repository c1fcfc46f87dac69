// `npm run test:fuzz`: sends requests that the server's own OpenAPI document describes, and requests that are nearly so. Checks that
// the document allows each reply. A seed gives the same requests again; `--only N` shows request N and its reply.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootServer, killBooted } from '../../scripts/boot.ts';
import { failWith, readOptions, UsageError } from '../../scripts/options.ts';
import { columns, style } from '../../scripts/terminal.ts';
import { type Answer, type Contract, createContract, type OpenApiDocument } from '../support/contract.ts';
import { rollDice } from './dice.ts';
import { type ApiKeys, makeApiKeys } from './keys.ts';
import { createPool } from './pool.ts';
import { type FuzzRequest, makeRequest } from './request.ts';
import { createSampler, type Definition } from './sample.ts';
import { send } from './send.ts';
import { createTally, type Tally } from './tally.ts';

interface Plan {
  requests: number;
  seed: number;
  /** The number of the request to show; undefined: show none. */
  only: number | undefined;
}

interface Fault {
  number: number;
  request: FuzzRequest;
  answer: Answer | undefined;
  reason: string;
}

/** The fuzz asks far more often than a caller may, and its callbacks go nowhere. */
const VARS = [
  'AUTH:keys',
  'KEY_RATE_LIMIT:10000000',
  'REGISTER_RATE_LIMIT:10000000',
  'WEBHOOK_ALLOW_PRIVATE:off',
  `RESEND_WEBHOOK_SECRET:whsec_${Buffer.from('a secret of the fuzz only').toString('base64')}`,
  'POSTMARK_WEBHOOK_TOKEN:a-token-of-the-fuzz-only',
];
/** At least this many requests reach every operation. */
const REACHING = 2000;
/** Statuses that say that the request itself is wrong. Their problem document must say what is wrong with it. */
const ABOUT_INPUT = [400, 411, 413, 415, 422];
const SAYS_WHY = /"(detail|errors)":/;
const SHOWN_FAULTS = 20;
const SHOWN_CHARACTERS = 2000;

async function main(stateDir: string): Promise<boolean> {
  const plan = readPlan();
  const apiKeys = await makeApiKeys(stateDir);
  const { origin } = await bootServer({ stateDir, vars: VARS, timeoutSeconds: 180 });
  const authorization = `Bearer ${apiKeys.admin}`;
  const get = async (path: string) => (await fetch(new URL(path, origin), { headers: { authorization } })).json();
  const document = (await get('/openapi.json')) as OpenApiDocument;
  const { items: definitions } = (await get('/definitions')) as { items: Definition[] };
  const contract = createContract(document);
  const pool = createPool();
  const sampler = createSampler(document, definitions, pool);
  say(`Sending ${plan.requests} requests to ${contract.operations.length} operations with seed ${plan.seed}.`);
  const tally = createTally(contract.operations);
  const faults: Fault[] = [];
  for (let number = 1; number <= (plan.only ?? plan.requests); number++) {
    const dice = rollDice(plan.seed, number);
    const operation = dice.pick(contract.operations);
    const request = makeRequest(operation, { dice, pool, sampler });
    const { answer, reason } = await tryRequest(origin, request, apiKeys, contract);
    if (number === plan.only) show({ number, request, answer, reason: reason ?? 'The reply is as documented.' });
    if (reason) faults.push({ number, request, answer, reason });
    if (answer && answer.status < 300) pool.learn(operation, parse(answer.text));
    tally.add(request, answer?.status ?? 0);
    if (number % 1000 === 0) say(`${number} requests, ${faults.length} faults.`);
  }
  if (plan.only) return faults.at(-1)?.number !== plan.only;
  return report(plan, tally, faults);
}

function readPlan(): Plan {
  const options = readOptions(
    {
      usage: 'npm run test:fuzz -- [options]',
      about: 'Sends random requests and checks that the OpenAPI document allows each reply.',
    },
    {
      requests: { value: 'N', help: 'number of requests (default: 2000)' },
      seed: { value: 'N', help: 'seed of the requests (default: 1)' },
      only: {
        value: 'N',
        help: 'show request N and its reply; the requests before it are sent first, because it may use their ids',
      },
    },
  );
  const number = (name: 'requests' | 'seed' | 'only', otherwise: number) => {
    const value = Number(options[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new UsageError(`--${name} ${options[name]} is not valid. Give a whole number above 0.`);
    return value;
  };
  const only = options.only === undefined ? undefined : number('only', 1);
  return { requests: number('requests', 2000), seed: number('seed', 1), only };
}

async function tryRequest(
  origin: string,
  request: FuzzRequest,
  apiKeys: ApiKeys,
  contract: Contract,
): Promise<{ answer: Answer | undefined; reason: string | undefined }> {
  try {
    const answer = await send(origin, request, apiKeys[request.caller]);
    return { answer, reason: faultOf(request, answer, contract) };
  } catch (error) {
    return { answer: undefined, reason: `no reply: ${error instanceof Error ? error.message : error}` };
  }
}

function faultOf({ operation, json, caller }: FuzzRequest, answer: Answer, contract: Contract): string | undefined {
  if (answer.status >= 500) return `status ${answer.status}`;
  const fault = contract.faultOf(operation, answer);
  if (fault) return fault;
  if (ABOUT_INPUT.includes(answer.status) && !SAYS_WHY.test(answer.text)) return 'it does not say what is wrong';
  if (answer.status < 300 && (caller === 'none' || caller === 'unknown') && operation.scope !== undefined)
    return 'it needs no API key, and the document says that it does';
  const misfit = answer.status < 300 && json !== undefined ? contract.misfitOf(operation, json) : undefined;
  return misfit && `it accepted a body that the document does not allow: ${misfit}`;
}

/** Valid requests to few things that exist, such as a schedule, may all meet one that is gone. */
const MISSED_BY_CHANCE = 3;

function report(plan: Plan, tally: Tally, faults: readonly Fault[]): boolean {
  process.stdout.write(`\n${columns(tally.rows()).join('\n')}\n\n`);
  const unreached = plan.requests < REACHING ? [] : tally.unreached();
  for (const fault of faults.slice(0, SHOWN_FAULTS)) show(fault);
  const kinds = [...Map.groupBy(faults, ({ request, reason }) => `${request.operation.name}: ${reason}`)];
  for (const [kind, all] of kinds.sort(([, a], [, b]) => b.length - a.length)) say(`${all.length} × ${kind}`);
  for (const name of unreached) say(style('red', `No valid request to ${name} was accepted.`));
  const passed = faults.length === 0 && unreached.length <= MISSED_BY_CHANCE;
  if (faults.length === 0) say(style('green', `All ${plan.requests} replies are as the document says.`));
  else say(style('red', `${faults.length} of ${plan.requests} replies are not as the document says.`));
  if (faults.length > 0) say(`To show one of them: npm run test:fuzz -- --seed ${plan.seed} --only NUMBER`);
  return passed;
}

function show({ number, request, answer, reason }: Fault): void {
  const { method, path, caller, headers, body } = request;
  say(`${style('bold', `Request ${number}`)}: ${reason}`);
  say(`  ${method} ${path.slice(0, SHOWN_CHARACTERS)}  caller=${caller} ${JSON.stringify(headers)}`);
  if (body) say(`  ${Buffer.from(body).toString().slice(0, SHOWN_CHARACTERS)}`);
  say(`  ${answer?.status} ${answer?.header('content-type')} ${answer?.text.slice(0, SHOWN_CHARACTERS)}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const stateDir = await mkdtemp(join(tmpdir(), 'errand-fuzz-'));
const cleanUp = async () => {
  await killBooted();
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void cleanUp().finally(() => process.exit(130)));
try {
  const passed = await main(stateDir);
  await cleanUp();
  process.exit(passed ? 0 : 1);
} catch (error) {
  await cleanUp();
  failWith(error);
}
