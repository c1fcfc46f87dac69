// The states of a task and the transitions between them: pure, written once. The table's CHECKs and the diagram in
// docs/task-lifecycle.md are held to this file by tests.

export const STATES = ['WAITING', 'PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;

/** Celery's names, so that its users feel at home. WAITING is ours: a task whose parents are unfinished. */
export type State = (typeof STATES)[number];

/** States that end a task. Only a retry by hand leaves them. */
export const FINAL_STATES = ['SUCCESS', 'FAILURE', 'REVOKED'] as const satisfies readonly State[];

export type FinalState = (typeof FINAL_STATES)[number];

/** From each state, where a task may go. Final → PENDING or WAITING is the retry by hand, of a task or of a workflow. */
export const TRANSITIONS: Record<State, readonly State[]> = {
  WAITING: ['PENDING', 'FAILURE', 'REVOKED'],
  PENDING: ['STARTED', 'REVOKED'],
  STARTED: ['SUCCESS', 'FAILURE', 'RETRY', 'REVOKED'],
  RETRY: ['STARTED', 'REVOKED'],
  SUCCESS: ['PENDING', 'WAITING'],
  FAILURE: ['PENDING', 'WAITING'],
  REVOKED: ['PENDING', 'WAITING'],
};

export function isFinal(state: State): state is FinalState {
  return (FINAL_STATES as readonly State[]).includes(state);
}

export function canBecome(from: State, to: State): boolean {
  return TRANSITIONS[from].includes(to);
}
