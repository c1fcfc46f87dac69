// Looks at every request that the contract suite makes, with the provider's own document or emulator, and at the answers that
// the hand-written fakes give. A request with a fault is answered with 400, so its test fails; the report lists the fault.
import type { Asked, Inspect, Order } from '../mail/fakes/server.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { readSources, type Source } from './documents.ts';
import { readOperation } from './operation.ts';
import { startSes } from './ses.ts';

interface Checked {
  from: string;
  requests: number;
  faults: Set<string>;
  faultsOf(asked: Asked): Promise<string[]>;
  faultsOfAnswer(status: number, body: string): string[];
}

export const { sources, missing } = readSources();
const met = new Set<Difference>();
const checked = new Map<string, Checked>(sources.map((source) => [source.provider, checkedBy(source)]));

function checkedBy({ document, method, path, from }: Source): Checked {
  const { faultsOf, faultsOfAnswer } = readOperation(document, method, path);
  return { from, requests: 0, faults: new Set(), faultsOf, faultsOfAnswer };
}

/** The fakes are reached under https://<provider>.test. */
const providerOf = (url: string) => new URL(url).hostname.replace(/\.test$/, '');

/** Starts the emulator; resolves to what the server of the fakes does with each request. Vitest may call it several times. */
export async function startMock(): Promise<Inspect> {
  const faultsOf = await startSes();
  const { requests, faults } = checked.get('ses') ?? { requests: 0, faults: new Set() };
  checked.set('ses', { from: 'aws-ses-v2-local', requests, faults, faultsOf, faultsOfAnswer: () => [] });
  return async (asked, order) => {
    const provider = providerOf(asked.url);
    const document = checked.get(provider);
    // A test of a proxy under a path, and tests with a wrong API key, are not about the message.
    if (!document || new URL(asked.url).pathname.startsWith('/proxy/')) return order;
    document.requests++;
    const found = [
      ...(await document.faultsOf(asked)),
      ...answerFaults(document, order).map((fault) => `answer of the fake: ${fault}`),
    ];
    const faults = found.filter((fault) => !isKnown(provider, document.from, fault));
    for (const fault of faults) document.faults.add(fault);
    return faults.length === 0 ? order : { status: 400, headers: {}, body: faults.join('\n') };
  };
}

function answerFaults({ faultsOfAnswer }: Checked, order: Order): string[] {
  if (typeof order === 'string' || !order.headers['content-type']?.includes('json') || order.body === '{}') return [];
  return faultsOfAnswer(order.status, order.body);
}

function isKnown(provider: string, from: string, fault: string): boolean {
  const known = DIFFERENCES.filter(
    (each) => each.provider === provider && each.in.test(from) && each.fault.test(fault),
  );
  for (const difference of known) met.add(difference);
  return known.length > 0;
}

/** Prints what was checked. False: there are faults. */
export function report(): boolean {
  const lines = [...checked].map(([provider, { from, requests, faults }]) => {
    const list = [...faults].map((fault) => `\n      ${fault}`).join('');
    return `  ${provider}: ${requests} requests, ${faults.size} faults (${from})${list}`;
  });
  const unmet = DIFFERENCES.filter((each) => !met.has(each) && each.in.test(checked.get(each.provider)?.from ?? ''));
  console.log(['', 'Requests against the documents of the providers:', ...lines].join('\n'));
  for (const { provider, file } of missing)
    console.log(`  ${provider}: NOT CHECKED, because ${file} is missing; see the README.`);
  for (const { provider, fault, reason } of met) console.log(`  known difference, ${provider} ${fault}: ${reason}`);
  for (const { provider, fault } of unmet) console.log(`  no longer met, remove it: ${provider} ${fault}`);
  return unmet.length === 0 && [...checked.values()].every(({ requests, faults }) => requests > 0 && faults.size === 0);
}
