import { describe, expect, it } from 'vitest';
import { joinMarks, timeAxis } from '../../src/dashboard/time-axis.ts';

const labels = ({ ticks }: ReturnType<typeof timeAxis>) => ticks.map(({ label }) => label);

describe('the time axis', () => {
  it('is even while pauses are short', () => {
    const axis = timeAxis({ from: 1000, to: 2000 }, [
      { from: 1000, to: 1400 },
      { from: 1600, to: 2000 },
    ]);
    expect([1000, 1250, 1500, 2000].map(axis.place)).toEqual([0, 25, 50, 100]);
    expect(axis.shortened).toEqual([]);
    expect(labels(axis)).toEqual(['0', '333 ms', '667 ms', '1.0 s']);
  });

  it('gives pauses of days half of the width, and keeps the order of all instants', () => {
    const day = 86_400_000;
    const axis = timeAxis({ from: 0, to: 2 * day + 20 }, [
      { from: 0, to: 10 },
      { from: 2 * day + 10, to: 2 * day + 20 },
    ]);
    expect([0, 10, day + 10, 2 * day + 10, 2 * day + 20].map(axis.place)).toEqual([0, 25, 50, 75, 100]);
    expect(axis.shortened).toMatchObject([{ from: 10, to: 2 * day + 10 }]);
    expect(axis.ticks.map(({ at }) => Math.round(at))).toEqual([0, 33, 67, 100]);
  });

  it('counts the time after the last attempt as a pause, and attempts that overlap once', () => {
    const axis = timeAxis({ from: 0, to: 10_000 }, [
      { from: 0, to: 100 },
      { from: 50, to: 80 },
    ]);
    expect(axis.shortened).toMatchObject([{ from: 100, to: 10_000 }]);
    expect(axis.place(100)).toBeCloseTo(50);
  });

  it('places instants outside at its ends, and works for a task that took no time', () => {
    const axis = timeAxis({ from: 100, to: 200 }, []);
    expect([0, 150, 900].map(axis.place)).toEqual([0, 50, 100]);
    expect(timeAxis({ from: 5, to: 5 }, [{ from: 5, to: 5 }]).place(5)).toBe(0);
  });
});

describe('marks', () => {
  const join = (marks: [number, number][]) =>
    joinMarks(
      marks.map(([left, right]) => ({ left, right })),
      1,
    ).map(({ left, right, marks: joined }) => [left, right, joined.length]);

  it('that are narrow and near are one; wide ones stay apart', () => {
    expect(join([])).toEqual([]);
    expect(
      join([
        [0, 0],
        [0.5, 0.5],
        [3, 3],
      ]),
    ).toEqual([
      [0, 0.5, 2],
      [3, 3, 1],
    ]);
    expect(
      join([
        [0, 50],
        [50, 100],
      ]),
    ).toEqual([
      [0, 50, 1],
      [50, 100, 1],
    ]);
  });

  it('of thousands of attempts are no more than fit', () => {
    const marks = Array.from({ length: 5000 }, (_, n): [number, number] => [n / 50, n / 50 + 0.01]);
    expect(join(marks).length).toBeLessThan(100);
  });
});
