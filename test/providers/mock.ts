// Looks at every request that the contract suite makes, with the provider's own document, client or emulator, and at the answers
// that the hand-written fakes give. A request with a fault is answered with 400, so its test fails; the report lists the fault.
import type { Asked, Inspect, Order } from '../mail/fakes/server.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { readSources, type Source } from './documents.ts';
import { readOperation } from './operation.ts';
import { faultsOfResend } from './resend-client.ts';
import { startSes } from './ses.ts';

interface Checker {
  provider: string;
  from: string;
  requests: number;
  faults: Set<string>;
  faultsOf(asked: Asked): Promise<string[]>;
  faultsOfAnswer(status: number, body: string): string[];
}

export const { sources, missing } = readSources();
const met = new Set<Difference>();
let ses: Checker['faultsOf'] | undefined;

const checkers: Checker[] = [
  ...sources.map(byDocument),
  checker('resend', 'the official client, resend 6.38.0', faultsOfResend),
  checker('ses', 'the emulator aws-ses-v2-local 2.10.2', async (asked) => (await ses?.(asked)) ?? []),
];

function byDocument({ provider, document, method, path, from }: Source): Checker {
  const { faultsOf, faultsOfAnswer } = readOperation(document, method, path);
  return { ...checker(provider, from, faultsOf), faultsOfAnswer };
}

function checker(provider: string, from: string, faultsOf: Checker['faultsOf']): Checker {
  return { provider, from, requests: 0, faults: new Set(), faultsOf, faultsOfAnswer: () => [] };
}

/** The fakes are reached under https://<provider>.test. */
const providerOf = (url: string) => new URL(url).hostname.replace(/\.test$/, '');

/** Starts the emulator; resolves to what the server of the fakes does with each request. Vitest may call it several times. */
export async function startMock(): Promise<Inspect> {
  ses ??= await startSes();
  return async (asked, order) => {
    // A test calls a proxy under a path, which has no document.
    if (new URL(asked.url).pathname.startsWith('/proxy/')) return order;
    const own = checkers.filter(({ provider }) => provider === providerOf(asked.url));
    const faults = (await Promise.all(own.map((each) => check(each, asked, order)))).flat();
    return faults.length === 0 ? order : { status: 400, headers: {}, body: faults.join('\n') };
  };
}

async function check(own: Checker, asked: Asked, order: Order): Promise<string[]> {
  own.requests++;
  const found = [
    ...(await own.faultsOf(asked)),
    ...answerFaults(own, order).map((fault) => `answer of the fake: ${fault}`),
  ];
  const faults = found.filter((fault) => !isKnown(own, fault));
  for (const fault of faults) own.faults.add(fault);
  return faults;
}

function answerFaults({ faultsOfAnswer }: Checker, order: Order): string[] {
  if (typeof order === 'string' || !order.headers['content-type']?.includes('json') || order.body === '{}') return [];
  return faultsOfAnswer(order.status, order.body);
}

const applies = (difference: Difference, { provider, from }: Checker) =>
  difference.provider === provider && difference.in.test(from);

function isKnown(own: Checker, fault: string): boolean {
  const known = DIFFERENCES.filter((each) => applies(each, own) && each.fault.test(fault));
  for (const difference of known) met.add(difference);
  return known.length > 0;
}

/** Prints what was checked. False: there are faults. */
export function report(): boolean {
  const lines = checkers.map(({ provider, from, requests, faults }) => {
    const list = [...faults].map((fault) => `\n      ${fault}`).join('');
    return `  ${provider}: ${requests} requests, ${faults.size} faults (${from})${list}`;
  });
  const unmet = DIFFERENCES.filter((each) => !met.has(each) && checkers.some((own) => applies(each, own)));
  console.log(['', 'Requests against the documents of the providers:', ...lines].join('\n'));
  for (const { provider, file } of missing)
    console.log(`  ${provider}: NOT CHECKED with its document, because ${file} is missing; see the README.`);
  for (const { provider, fault, reason } of met) console.log(`  known difference, ${provider} ${fault}: ${reason}`);
  for (const { provider, fault } of unmet) console.log(`  no longer met, remove it: ${provider} ${fault}`);
  return unmet.length === 0 && checkers.every(({ requests, faults }) => requests > 0 && faults.size === 0);
}
