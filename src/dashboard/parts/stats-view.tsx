// The statistics of a time span: totals, two charts, and one row per definition and queue.
import type { Stats } from '../api.ts';
import { count, duration, percent } from '../format.ts';
import { to } from '../router.ts';
import { Chart } from './chart.tsx';
import { Still } from './still.tsx';
import { Table } from './table.tsx';

export function StatsView({ stats }: { stats: Stats }) {
  const { series, definitions, running, step_seconds } = stats;
  const sum = (field: 'succeeded' | 'failed' | 'retried' | 'revoked') =>
    series.reduce((total, point) => total + point[field], 0);
  const ended = sum('succeeded') + sum('failed');
  const times = series.map(({ at }) => Date.parse(at) / 1000);
  const latest = series.findLast((point) => point.runtime_p95_ms !== null)?.runtime_p95_ms ?? null;
  return (
    <>
      <dl class="tiles">
        <Tile label="Running" value={count(running)} href={to('/tasks', { status: 'STARTED' })} />
        <Tile label="Succeeded" value={count(sum('succeeded'))} href={to('/tasks', { status: 'SUCCESS' })} />
        <Tile
          label="Failed"
          value={count(sum('failed'))}
          bad={sum('failed') > 0}
          href={to('/tasks', { status: 'FAILURE' })}
        />
        <Tile label="Failure rate" value={ended === 0 ? '–' : percent(sum('failed') / ended)} />
        <Tile label="Retries" value={count(sum('retried'))} />
        <Tile label="Latest runtime p95" value={latest === null ? '–' : duration(latest)} />
      </dl>
      <div class="charts">
        <section class="card">
          <h2>
            Throughput <span class="quiet">tasks per {duration(step_seconds * 1000)}</span>
          </h2>
          <Chart
            times={times}
            format={(value) => count(Math.round(value))}
            summary={`${count(sum('succeeded'))} tasks succeeded and ${count(sum('failed'))} failed in this time span.`}
            lines={[
              { label: 'Retried', colour: '--retry', values: series.map(({ retried }) => retried) },
              { label: 'Failed', colour: '--failure', values: series.map(({ failed }) => failed) },
              { label: 'Succeeded', colour: '--success', values: series.map(({ succeeded }) => succeeded), area: true },
            ]}
          />
        </section>
        <section class="card">
          <h2>
            Runtime <span class="quiet">of attempts</span>
          </h2>
          <Chart
            times={times}
            format={duration}
            summary={`Runtime of attempts. The latest 95th percentile is ${latest === null ? 'unknown' : duration(latest)}.`}
            lines={[
              { label: 'p99', colour: '--chart-3', values: series.map((point) => point.runtime_p99_ms) },
              { label: 'p95', colour: '--chart-2', values: series.map((point) => point.runtime_p95_ms) },
              { label: 'p50', colour: '--chart-1', values: series.map((point) => point.runtime_p50_ms) },
            ]}
          />
        </section>
      </div>
      {definitions.length > 0 && <Definitions definitions={definitions} />}
    </>
  );
}

function Tile(props: { label: string; value: string; bad?: boolean; href?: string }) {
  return (
    <div class={props.bad ? 'tile tile-bad' : 'tile'}>
      <dt>{props.label}</dt>
      <dd>{props.href ? <a href={props.href}>{props.value}</a> : props.value}</dd>
    </div>
  );
}

const time = (value: number | null) => (value === null ? '–' : duration(value));

/** Columns that a narrow window shows. */
const MAJOR = ['Succeeded', 'Failed', 'Run p95'];

const idOf = ({ name, queue }: Stats['definitions'][number]) => `${name} ${queue}`;

function Definitions({ definitions }: Pick<Stats, 'definitions'>) {
  const heads = ['Succeeded', 'Failed', 'Retried', 'Failure rate', 'Run p50', 'Run p95', 'Wait p95', 'Cost per 1,000'];
  const numberOf = (head: string) => (MAJOR.includes(head) ? 'number' : 'number minor');
  return (
    <>
      <h2 class="section">By definition</h2>
      <Still page={{ items: definitions }} idOf={idOf}>
        {({ items }) => (
          <Table
            label="Statistics by definition"
            head={
              <>
                <th scope="col">Definition</th>
                <th scope="col" class="minor">
                  Queue
                </th>
                {heads.map((head) => (
                  <th scope="col" class={numberOf(head)} key={head}>
                    {head}
                  </th>
                ))}
              </>
            }
          >
            {items.map((one) => (
              <tr key={idOf(one)}>
                <td class="col-name">
                  <a href={to('/tasks', { name: one.name })}>{one.name}</a>
                </td>
                <td class="minor quiet">{one.queue}</td>
                <td class="number">{count(one.succeeded)}</td>
                <td class={one.failed > 0 ? 'number bad' : 'number quiet'}>{count(one.failed)}</td>
                <td class="number minor">{count(one.retried)}</td>
                <td class="number minor">{one.failure_rate === null ? '–' : percent(one.failure_rate)}</td>
                <td class="number minor">{time(one.runtime_p50_ms)}</td>
                <td class="number">{time(one.runtime_p95_ms)}</td>
                <td class="number minor">{time(one.wait_p95_ms)}</td>
                <td class="number minor">
                  {one.cost_per_1000_usd === null ? '–' : `$${one.cost_per_1000_usd.toFixed(4)}`}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Still>
    </>
  );
}
