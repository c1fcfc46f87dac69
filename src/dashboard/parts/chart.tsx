// A chart over time, drawn by uPlot in the colours of the theme. Shows the values at the pointer.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from '../store.ts';
import { theme } from '../theme.ts';

export interface Line {
  label: string;
  /** A custom property of the theme. */
  colour: string;
  values: (number | null)[];
  /** Fill the area below the line. */
  area?: true;
}

const HEIGHT = 200;

/** `times`: epoch seconds. `lines`: the last one is drawn on top. `format` writes a value with its unit. `summary` describes the chart for screen readers. */
export function Chart(props: { times: number[]; lines: Line[]; format(value: number): string; summary: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const chosen = useStore(theme);
  const { times, lines, format } = props;
  const shape = lines.map(({ label, colour }) => label + colour).join();

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(lines, format, element), dataOf(times, lines), element);
    };
    draw();
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resize.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, chosen]);

  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);

  return <div class="chart" ref={place} role="img" aria-label={props.summary} />;
}

function dataOf(times: number[], lines: Line[]): uPlot.AlignedData {
  return [times, ...lines.map(({ values }) => values)];
}

function optionsOf(lines: Line[], format: (value: number) => string, element: HTMLElement): uPlot.Options {
  const colour = (name: string) => resolved(element, name);
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: colour('--ink-3'), font, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [12, 8, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true, markers: { width: 0, fill: (_, line) => colour(lines[line - 1]?.colour ?? '--line') } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.08] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 72,
        values: (_, ticks, __, ___, step) => ticks.map((at) => timeOf(at, step)),
      },
      {
        ...axis,
        size: 58,
        grid: { stroke: colour('--line'), width: 1 },
        values: (_, ticks) => ticks.map((value) => format(value)),
      },
    ],
    series: [
      { label: 'Time', value: (_, at) => (at === null ? '' : timeOf(at, 60)) },
      ...lines.map(({ label, colour: name, area }) => ({
        label,
        stroke: colour(name),
        width: 1.6,
        spanGaps: false,
        points: { show: true, size: 5, fill: colour(name), filter: isolated },
        ...(area && { fill: colour(name).replace('rgb(', 'rgba(').replace(')', ', 0.12)') }),
        value: (_: uPlot, value: number | null) => (value === null || value === undefined ? '' : format(value)),
      })),
    ],
  };
}

/** Indexes of values without a neighbour. No line reaches them, so they are drawn as points. */
function isolated(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const isEmpty = (index: number) => (values[index] ?? null) === null;
  return [...values.keys()].filter((index) => !isEmpty(index) && isEmpty(index - 1) && isEmpty(index + 1));
}

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Epoch seconds in the reader's time zone. If a step is a day or longer, the date. */
function timeOf(at: number, stepSeconds: number): string {
  return (stepSeconds >= 86_400 ? days : hours).format(new Date(at * 1000));
}

/** The value of a colour property as `rgb(…)`: a canvas element does not resolve custom properties. */
function resolved(element: HTMLElement, property: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${property})`;
  element.appendChild(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
