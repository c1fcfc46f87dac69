// The head of the chart of steps: the time since the start, the attempts as bands, and a mark for each log line at its time.
import type { Attempt } from '../api.ts';
import { plural } from '../format.ts';
import { type Axis, joinMarks } from '../time-axis.ts';

export interface Chart {
  axis: Axis;
  attempts: Attempt[];
  /** The task has ended. */
  isOver: boolean;
  isUndoing: boolean;
  /** The ends of the axis, epoch milliseconds. `until`: the end of the task, or the time when it was loaded. */
  from: number;
  until: number;
}

/** Percent of the width. Marks that are closer are drawn as one. */
const LEAST_GAP = 0.4;
/** The most lines that one mark shows when the pointer rests on it. */
const MAX_TITLE_LINES = 12;

export function ChartHead({ chart }: { chart: Chart }) {
  const { axis } = chart;
  const logs = logMarks(chart);
  return (
    <div class="steps-head">
      <div class="steps-line">
        <span class="steps-label quiet">Time</span>
        <span class="steps-track steps-ticks" aria-hidden="true">
          {axis.ticks.map(({ at, label }) => (
            <span key={at} style={{ left: `${at}%` }}>
              {label}
            </span>
          ))}
        </span>
      </div>
      <div class="steps-line">
        <span class="steps-label quiet">{plural(chart.attempts.length, 'attempt')}</span>
        <Bands chart={chart} />
      </div>
      {logs.length > 0 && (
        <div class="steps-line">
          <span class="steps-label quiet">Log</span>
          <span class="steps-track">
            {logs.map(({ left, right, marks }) => (
              <i
                key={left}
                class="log-mark"
                title={titleOf(marks.map(({ text }) => text))}
                style={{ left: `${left}%`, width: `${right - left}%` }}
              />
            ))}
          </span>
        </div>
      )}
    </div>
  );
}

/** The attempts as the layers of a CSS background. */
export function bandsOf({ axis, attempts, until }: Chart): string {
  const edges = attempts.map(({ started_at, finished_at }) => ({
    left: axis.place(Date.parse(started_at)),
    right: axis.place(finished_at ? Date.parse(finished_at) : until),
  }));
  const stops = joinMarks(edges, LEAST_GAP).map(
    ({ left, right }) => `transparent ${left}%, var(--band) ${left}% ${right}%, transparent ${right}%`,
  );
  return stops.length > 0 ? `linear-gradient(90deg, ${stops.join(', ')})` : 'none';
}

function Bands({ chart: { axis, attempts, until } }: { chart: Chart }) {
  const marks = attempts.map(({ started_at, finished_at, outcome, reason }, index) => ({
    left: axis.place(Date.parse(started_at)),
    right: axis.place(finished_at ? Date.parse(finished_at) : until),
    number: index + 1,
    outcome,
    text: `Attempt ${index + 1}: ${outcome.toLowerCase()}${reason ? `, ${reason.message}` : ''}`,
  }));
  return (
    <span class="steps-track">
      {axis.shortened.map(({ from, to }) => (
        <i
          key={from}
          class="pause"
          style={{ left: `${axis.place(from)}%`, width: `${axis.place(to) - axis.place(from)}%` }}
        />
      ))}
      {joinMarks(marks, LEAST_GAP).map(({ left, right, marks: joined }) => (
        <i
          key={left}
          class="band"
          data-state={joined.at(-1)?.outcome}
          title={titleOf(joined.map(({ text }) => text))}
          style={{ left: `${left}%`, width: `${right - left}%` }}
        >
          {joined.length === 1 ? joined[0]?.number : `${joined[0]?.number}–${joined.at(-1)?.number}`}
        </i>
      ))}
    </span>
  );
}

function logMarks({ axis, attempts }: Chart) {
  const lines = attempts.flatMap(({ logs }) => logs);
  const marks = lines.map(({ at, message }) => {
    const left = axis.place(Date.parse(at));
    return { left, right: left, text: `${at.slice(11, 23)} ${message}` };
  });
  return joinMarks(
    marks.sort((one, other) => one.left - other.left),
    LEAST_GAP,
  );
}

function titleOf(texts: readonly string[]): string {
  const more = texts.length - MAX_TITLE_LINES;
  return [...texts.slice(0, MAX_TITLE_LINES), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
