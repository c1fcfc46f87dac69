// What the boards and alerts of celery-exporter read, against the answer of GET /metrics as Prometheus stores it with the scrape
// configuration of docs/monitoring. docs/monitoring says which of them fill.
import { beforeAll, describe, expect, it } from 'vitest';
import alerts from '../../../docs/monitoring/alerts.yml?raw';
import guide from '../../../docs/monitoring/README.md?raw';
import { createRegistry, enqueue, sweep } from '../../../src/engine/manage.ts';
import { scripted } from '../../support/scripted.ts';
import { anApp } from '../../support/worker.ts';

type Labels = Record<string, string>;
/** A selector, and the labels that the query groups by. */
type Read = [selector: string, ...by: string[]];

interface Series {
  name: string;
  labels: Labels;
}

const TASK_COUNTERS = ['succeeded', 'received', 'failed', 'rejected', 'retried', 'revoked'];

/** The older board. */
const OLD = 'job=~"celery|celery-exporter"';
/** The newer boards, with what their variables find. The variable of the cluster is off and empty. */
const NEW = 'cluster="",namespace="errand",job=~"celery",queue_name!~"None"';
const ALERT = 'job=~".*celery.*"';

const ofTask = (selector: string, kinds: readonly string[], ...by: string[]): Read[] =>
  kinds.map((kind) => [`celery_task_${kind}_total{${selector}}`, ...by]);
const runtimeOf = (selector: string, ...by: string[]): Read[] =>
  ['sum', 'count'].map((part) => [`celery_task_runtime_${part}{${selector}}`, ...by]);
const overview = (byTask: string[]): Read[] => [
  ...ofTask(NEW, ['sent', ...TASK_COUNTERS], 'queue_name', 'job', ...byTask),
  ...ofTask(NEW, ['failed'], 'job', 'name', 'exception'),
  [`celery_task_runtime_bucket{${NEW}}`, 'job', 'le', ...byTask],
];

const READS: Record<string, Read[]> = {
  'Celery Workers': [[`celery_worker_up{${OLD}}`]],
  'Tasks Active': [[`celery_worker_tasks_active{${OLD}}`]],
  'Tasks received by workers': ofTask(OLD, ['received']),
  'Successful completion rate': ofTask(OLD, ['succeeded', 'failed']),
  'Average Runtime for Tasks': runtimeOf(OLD),
  'Top 5 failed tasks': ofTask(OLD, ['failed'], 'name'),
  'Top 5 exceptions': ofTask(OLD, ['failed'], 'exception'),
  'Top 5 task runtime': runtimeOf(OLD, 'name'),
  'Task Stats': ofTask(`${OLD},name=~"test.scripted"`, TASK_COUNTERS, 'name'),
  'Tasks completed with 10m intervals': ofTask(`${OLD},name=~"test.scripted"`, TASK_COUNTERS, 'name'),
  'Tasks Runtime with 10m intervals': runtimeOf(`${OLD},name=~"test.scripted"`, 'name'),
  '_Celery / Tasks / Overview_': [
    [`celery_worker_up{${NEW}}`],
    [`celery_worker_tasks_active{${NEW}}`],
    [`celery_queue_length{${NEW}}`, 'job', 'queue_name'],
    ...overview([]),
    ...runtimeOf(NEW, 'name'),
  ],
  '_Celery / Tasks / By Task_': overview(['name']),
  CeleryTaskHighFailRate: ofTask(
    `${ALERT},queue_name!~"None",name!~"None"`,
    ['failed', 'succeeded'],
    'job',
    'namespace',
    'queue_name',
    'name',
  ),
  CeleryHighQueueLength: [[`celery_queue_length{${ALERT},queue_name!~"None"}`, 'job', 'namespace', 'queue_name']],
  CeleryWorkerDown: [[`celery_worker_up{${ALERT}}`, 'job', 'hostname']],
};

/** The labels that Prometheus adds with the scrape configuration of the guide. */
function targetLabels(): Labels {
  const [, job = ''] = guide.match(/- job_name: (\S+)/) ?? [];
  const [, instance = ''] = guide.match(/targets: \[(\S+)\]/) ?? [];
  const [, more = ''] = guide.match(/labels: \{ (.*?) \}/) ?? [];
  return { job, instance, ...Object.fromEntries(more.split(', ').map((pair) => pair.split(': '))) };
}

function seriesOf(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', inner = ''] = line.match(/^(\w+)(?:\{(.*)\})? \S+$/) ?? [];
      const own = [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]);
      return { name, labels: { ...Object.fromEntries(own), ...targetLabels() } };
    });
}

/** As Prometheus selects: an absent label is an empty one, and a pattern must match the whole value. */
function select(series: readonly Series[], selector: string): Series[] {
  const [, wanted, inner = ''] = selector.match(/^(\w+)\{(.*)\}$/) ?? [];
  const matchers = [...inner.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)];
  expect(matchers.map(([text]) => text).join(','), 'every matcher is read').toBe(inner);
  return series.filter(({ name, labels }) => {
    return (
      name === wanted && matchers.every(([, label = '', op = '', value = '']) => fits(labels[label] ?? '', op, value))
    );
  });
}

function fits(label: string, op: string, value: string): boolean {
  const isSame = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(label) : label === value;
  return op.startsWith('!') ? !isSame : isSame;
}

let series: Series[];
beforeAll(async () => {
  const app = await anApp({}, { registry: createRegistry([scripted]) });
  await enqueue(app.engine, [
    { definition: scripted, input: {} },
    { definition: scripted, input: { do: ['fail'] } },
  ]);
  await app.engine.drain();
  await sweep(app.engine);
  series = seriesOf(await (await app.call('GET /metrics')).text());
});

/** Panel or alert → what the guide says of it. */
function tableOf(text: string): Map<string, string> {
  const [, section = ''] = text.match(/^## Boards and alerts for celery-exporter\n([\s\S]*?)^## /m) ?? [];
  const rows = [...section.matchAll(/^\| (.+?) +\| (yes|partly|no) +\| .*\|$/gm)];
  return new Map(rows.map(([, name = '', fills = '']) => [name, fills]));
}

describe('docs/monitoring', () => {
  it('names the panels and alerts that are held here', () => {
    expect([...tableOf(guide).keys()].sort()).toEqual(Object.keys(READS).sort());
  });

  it.each(Object.entries(READS))('says whether %s fills', (name, reads) => {
    const empty = reads.filter(([selector]) => select(series, selector).length === 0);
    const seen = empty.length === 0 ? 'yes' : empty.length < reads.length ? 'partly' : 'no';

    expect(seen, `without a sample: ${empty.join(' ')}`).toBe(tableOf(guide).get(name));
    expect(empty.every(([selector]) => selector.startsWith('celery_task_rejected_total{'))).toBe(true);
  });

  it.each(Object.entries(READS))('%s groups by labels that every series has', (_, reads) => {
    for (const [selector, ...by] of reads) {
      for (const { name, labels } of select(series, selector))
        expect(
          by.filter((label) => !labels[label]),
          `${name} ${JSON.stringify(labels)}`,
        ).toEqual([]);
    }
  });

  it('would not fill the older board under another name', () => {
    expect(fits('errand-celery', '=~', 'celery|celery-exporter')).toBe(false);
    expect(fits('errand-celery', '=~', '.*celery.*')).toBe(true);
    expect(select(series, 'celery_worker_up{job=~"celery|celery-exporter",job!="celery"}')).toEqual([]);
  });

  it('has alerts of its own that look for the labels of its scrape configuration', () => {
    const { job, namespace } = targetLabels();
    const selectors = [...alerts.matchAll(/\bup\{(.*?)\}/g)].map(([, inner]) => inner);
    expect(selectors.length).toBeGreaterThan(2);
    expect(new Set(selectors)).toEqual(new Set([`job="${job}",namespace="${namespace}"`]));
  });
});
