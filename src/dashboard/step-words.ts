// What became of a step, in words, with a mark and a colour; and which of many steps a list folds. Pure.

/** The part of a step that decides its words. */
export interface StepLike {
  name: string;
  occurrence: number;
  kind: 'do' | 'sleep' | 'event' | 'approval' | 'each';
  outcome: 'open' | 'done' | 'failed' | 'timed_out';
  result?: unknown;
  undo: { outcome: 'offered' | 'done' | 'failed' } | null;
}

export interface StepState {
  word: string;
  icon: 'alert' | 'check' | 'close' | 'moon' | 'person' | 'refresh' | 'retry' | 'revoke' | 'schedules';
  /** The state of tasks that has the same colour. */
  colour: 'SUCCESS' | 'FAILURE' | 'RETRY' | 'STARTED' | 'WAITING' | 'REVOKED';
}

/** `isOver`: the task has ended, so an open step goes on no more. */
export function stateOf(step: StepLike, isOver: boolean): StepState {
  if (step.undo?.outcome === 'failed') return { word: 'Undo failed', icon: 'alert', colour: 'FAILURE' };
  if (step.undo?.outcome === 'done') return { word: 'Undone', icon: 'retry', colour: 'REVOKED' };
  switch (step.outcome) {
    case 'failed':
      return { word: 'Failed', icon: 'close', colour: 'FAILURE' };
    case 'timed_out':
      return { word: 'Timed out', icon: 'alert', colour: 'RETRY' };
    case 'done':
      return doneState(step);
    case 'open':
      return isOver ? { word: 'Not finished', icon: 'revoke', colour: 'WAITING' } : OPEN[step.kind];
  }
}

const OPEN: Record<StepLike['kind'], StepState> = {
  do: { word: 'Retry follows', icon: 'retry', colour: 'RETRY' },
  sleep: { word: 'Sleeping', icon: 'moon', colour: 'WAITING' },
  event: { word: 'Waiting', icon: 'schedules', colour: 'STARTED' },
  approval: { word: 'Waiting', icon: 'person', colour: 'STARTED' },
  each: { word: 'Running', icon: 'refresh', colour: 'STARTED' },
};

/** A decision as the result of an approval has it. */
export interface Decision {
  approved: boolean;
  by: string;
  note: string | null;
  /** ISO 8601. */
  at: string;
}

export function decisionOf({ kind, outcome, result }: StepLike): Decision | undefined {
  const isDecision = kind === 'approval' && outcome === 'done' && typeof result === 'object' && result !== null;
  return isDecision ? (result as Decision) : undefined;
}

function doneState(step: StepLike): StepState {
  const decision = decisionOf(step);
  if (decision?.approved === false) return { word: 'Rejected', icon: 'close', colour: 'RETRY' };
  const word = decision ? 'Approved' : step.kind === 'event' ? 'Received' : 'Done';
  return { word, icon: 'check', colour: 'SUCCESS' };
}

/** The name, with the occurrence of a second step of that name. */
export function labelOf({ name, occurrence }: { name: string; occurrence: number }): string {
  return occurrence === 1 ? name : `${name} (${occurrence})`;
}

/** Equal steps in a row, more than this many, are folded; of them, this many are shown at each end. */
const MOST_EQUAL = 30;
const SHOWN_AT_ENDS = 5;

export type Row<Step> = { step: Step } | { folded: Step[] };

/** Folds long runs of steps with the same state. `isUnfolded`: the reader wants to see this step. */
export function foldSteps<Step extends StepLike>(
  steps: readonly Step[],
  isOver: boolean,
  isUnfolded: (step: Step) => boolean,
): Row<Step>[] {
  const rows: Row<Step>[] = [];
  for (let from = 0; from < steps.length; ) {
    const word = wordAt(steps, from, isOver);
    let to = from + 1;
    while (wordAt(steps, to, isOver) === word) to++;
    const run = steps.slice(from, to);
    const isLong = run.length > MOST_EQUAL;
    const first = isLong ? run.findIndex((step, index) => index >= SHOWN_AT_ENDS && !isUnfolded(step)) : -1;
    const hidden = first < 0 ? [] : run.slice(first, -SHOWN_AT_ENDS);
    const shown = hidden.length > 0 ? first : run.length;
    rows.push(...run.slice(0, shown).map((step) => ({ step })));
    if (hidden.length > 0) rows.push({ folded: hidden }, ...run.slice(-SHOWN_AT_ENDS).map((step) => ({ step })));
    from = to;
  }
  return rows;
}

function wordAt(steps: readonly StepLike[], index: number, isOver: boolean): string | undefined {
  const step = steps[index];
  return step && stateOf(step, isOver).word;
}
