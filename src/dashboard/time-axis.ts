// The time axis that the attempts and steps of a task share. A task may run for milliseconds and wait for days, so long pauses
// between its attempts are drawn shorter. Pure.
import { duration } from './format.ts';

/** Epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

export interface Axis {
  /** Where an instant is, from 0 (left) to 100 (right). Instants outside are at the nearest end. */
  place(at: number): number;
  /** Where the labels are, 0 to 100, and the time since the start in words. */
  ticks: { at: number; label: string }[];
  /** The pauses that are drawn shorter than they were. */
  shortened: Span[];
}

const TICKS = 3;
/** Pauses that took longer in total than this many times the rest are shortened. */
const MOST_PAUSES = 1.5;

interface Segment extends Span {
  isPause: boolean;
}

/** `attempts`: sorted by their start. They may overlap. */
export function timeAxis(whole: Span, attempts: readonly Span[]): Axis {
  const { from: start } = whole;
  const segments = segmentsOf({ from: start, to: Math.max(whole.to, start + 1) }, attempts);
  const total = (isPause: boolean) =>
    segments.filter((one) => one.isPause === isPause).reduce((sum, { from, to }) => sum + to - from, 0);
  const [busy, paused] = [total(false), total(true)];
  const isShortened = busy > 0 && paused > busy * MOST_PAUSES;
  const weightOf = ({ from, to, isPause }: Segment) => (to - from) * (isPause && isShortened ? busy / paused : 1);
  const all = segments.reduce((sum, segment) => sum + weightOf(segment), 0);
  let left = 0;
  const placed = segments.map((segment) => {
    const width = (100 * weightOf(segment)) / all;
    left += width;
    return { ...segment, left: left - width, width };
  });
  const place = (at: number) => {
    const segment = placed.find(({ to }) => at < to);
    if (!segment) return 100;
    return segment.left + (segment.width * Math.max(0, at - segment.from)) / (segment.to - segment.from);
  };
  const instantAt = (percent: number) => {
    const segment = placed.find(({ left: from, width }) => percent <= from + width) ?? placed.at(-1);
    if (!segment) return start;
    return segment.from + ((segment.to - segment.from) * (percent - segment.left)) / segment.width;
  };
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => {
    const at = (100 * index) / TICKS;
    return { at, label: index === 0 ? '0' : duration(Math.max(0, instantAt(at) - start)) };
  });
  return { place, ticks, shortened: isShortened ? segments.filter(({ isPause }) => isPause) : [] };
}

function segmentsOf({ from, to }: Span, attempts: readonly Span[]): Segment[] {
  const segments: Segment[] = [];
  let at = from;
  const until = (end: number, isPause: boolean) => {
    if (end <= at) return;
    segments.push({ from: at, to: end, isPause });
    at = end;
  };
  for (const attempt of attempts) {
    until(Math.min(to, attempt.from), true);
    until(Math.min(to, attempt.to), false);
  }
  until(to, attempts.length > 0);
  return segments;
}

/** Marks wider than this many gaps are not joined with each other. */
const WIDE = 4;

/** Marks that would lie on each other, or are narrow and closer than `leastGap`, are one. `marks`: sorted. */
export function joinMarks<Mark extends { left: number; right: number }>(
  marks: readonly Mark[],
  leastGap: number,
): { left: number; right: number; marks: Mark[] }[] {
  const joined: { left: number; right: number; marks: Mark[] }[] = [];
  for (const mark of marks) {
    const last = joined.at(-1);
    const isNarrow = (one: { left: number; right: number }) => one.right - one.left < WIDE * leastGap;
    if (last && mark.left - last.right < leastGap && (isNarrow(mark) || isNarrow(last))) {
      last.right = Math.max(last.right, mark.right);
      last.marks.push(mark);
    } else joined.push({ left: mark.left, right: mark.right, marks: [mark] });
  }
  return joined;
}
