// The door for authors of tasks. Operators' code (http, live, the wiring) uses manage.ts; no other file of the engine is
// imported from outside.
export { background } from './background-function.ts';
export type { BatchOutcome } from './batch/outcome.ts';
export type { Chore } from './clean-up/chore.ts';
export { PermanentFailure, RetryRequest, Snooze } from './control.ts';
export { type BatchTaskOptions, type Definition, defineTask, type TaskOptions } from './definition.ts';
export type { EnqueueOptions } from './enqueue-options.ts';
export { EngineError } from './errors.ts';
export type { EventReceipt, NewEvent } from './events/event.ts';
export { sendEventHere as sendEvent } from './events/send-event.ts';
export type { AnyDefinition, BatchContext, BatchMember, TaskContext } from './handler.ts';
export type { Enqueued, Hooks, Outcome } from './hook.ts';
export { QUEUE_NAMES, type QueueName } from './queues.ts';
export type { Receipt, WorkflowReceipt } from './receipt.ts';
export { exponential, fixed } from './retry.ts';
export type { Backfilled } from './schedule/backfilled.ts';
export { isFinal, STATES } from './state.ts';
export type { Duration } from './steps/duration.ts';
export { StepFailed, StepTimeout } from './steps/errors.ts';
export type { Approval, Decision, StepContext, StepEvent, StepOptions, Steps } from './steps/step.ts';
export { callbackIdOf } from './store/ids.ts';
export type { Progress, Task, TaskSummary } from './task.ts';
export type { TaskFilter } from './task-filter.ts';
export type { Signature, WorkflowPart } from './workflow/part.ts';
export { chain, chord, chunks, dag, group, map } from './workflow/signature.ts';
