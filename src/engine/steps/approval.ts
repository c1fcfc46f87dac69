// step.approval: asks a person, who decides through a signed link or an API key.
import { PermanentFailure } from '../control.ts';
import { labelOf } from './history.ts';
import type { Approval, ApprovalRequest, Decision, StepName } from './step.ts';
import { type Asked, type Detail, Parked, parkedForGood, type StepRun } from './step-run.ts';
import { beginWait, endOfWait, spanOf, type Wait } from './waits.ts';

const DEFAULT_TIMEOUT = '7 days';
const MAX_TITLE_CHARACTERS = 200;
const MAX_DETAILS_CHARACTERS = 4000;

/** A decision as it is recorded. */
export interface StoredDecision {
  approved: boolean;
  by: string;
  note: string | null;
  /** Epoch milliseconds. */
  at: number;
}

/** Records the request, and makes the link. */
export function approval(run: StepRun, name: string, request: ApprovalRequest): Promise<Approval> {
  return run.during(async () => {
    const asked = await run.ask(name, 'approval');
    if (!asked.earlier && run.isUndoing) return parkedForGood(name);
    const wait = asked.earlier ?? (await beginWait(run, asked, requestOf(run, asked.step, request)));
    const link = await run.engine.approvalLink?.({ taskId: run.running.task.id, ...asked.step });
    return { link, decision: () => decision(run, asked, wait) };
  });
}

/** Throws PermanentFailure `invalid_step`. */
function requestOf(
  run: StepRun,
  step: StepName,
  { title, details, timeout = DEFAULT_TIMEOUT }: ApprovalRequest,
): Detail & { until: number } {
  const isTitle = typeof title === 'string' && title.length > 0 && title.length <= MAX_TITLE_CHARACTERS;
  if (!isTitle || JSON.stringify(details ?? {}).length > MAX_DETAILS_CHARACTERS) {
    const limits = `a title of 1–${MAX_TITLE_CHARACTERS} characters, and details of at most ${MAX_DETAILS_CHARACTERS}`;
    throw new PermanentFailure(`step ${labelOf(step)}: an approval has ${limits}`, 'invalid_step');
  }
  const startedAt = run.engine.clock.now();
  const about = { title, ...(details && { details }) };
  return { outcome: 'open', startedAt, until: startedAt + spanOf(step, timeout), about };
}

function decision(run: StepRun, asked: Asked, wait: Wait): Promise<Decision> {
  return run.during(async () => {
    const reason = { code: 'approval' as const, of: asked.step.name, message: 'waits for the decision of a person' };
    const ended = await endOfWait(run, asked, wait, reason);
    if (ended instanceof Parked) return ended;
    const { approved, by, note, at } = (await run.history.resultOf({ ...ended, ...asked.step })) as StoredDecision;
    return { approved, by, note: note ?? undefined, at: new Date(at) };
  });
}
