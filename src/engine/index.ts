// The engine's only door: nothing outside engine/ imports any other file of it.
export { startInBackground } from './background.ts';
export { background } from './background-function.ts';
export { type AnyCanvas, type Canvas, chain, chord, chunks, group, map, type Signature } from './canvas/canvas.ts';
export { enqueueWorkflow, MAX_WORKFLOW_TASKS, tooManyTasks, type WorkflowReceipt } from './canvas/enqueue-workflow.ts';
export type { CanvasNode } from './canvas/node.ts';
export { findWorkflow, retryFailed, revokeAll } from './canvas/operate-workflow.ts';
export { type Clock, systemClock } from './clock.ts';
export { consume, consumeDead, handleDelivery } from './consume.ts';
export { PermanentFailure, RetryRequest, Snooze } from './control.ts';
export { type Counts, sumCounts } from './counts.ts';
export { makeEager } from './eager.ts';
export {
  currentEngine,
  type Engine,
  type EngineSettings,
  type Lane,
  type LiveEvent,
  type Pacer,
  type PayloadStore,
  useEngine,
} from './engine.ts';
export { type EnqueueTogether, enqueue, MAX_TASKS_PER_CALL, type Receipt } from './enqueue.ts';
export { EnqueueOptions } from './enqueue-options.ts';
export { EngineError, type ErrorCode, type Issue, issuesOf } from './errors.ts';
export { followTask, versionOf } from './follow.ts';
export {
  addUp,
  emptyHistogram,
  type Histogram,
  percentile,
  RUNTIME_BOUNDS_MS,
  WAIT_BOUNDS_MS,
} from './histogram.ts';
export { circuits, guard } from './limits/circuit.ts';
export { pause, requireQueue, resume } from './limits/pause.ts';
export { type Answer, type Asking, type Line, shorten, takeSlots } from './limits/rate.ts';
export { laneOf, parseRoutes, type Route } from './limits/route.ts';
export { consoleLogger, type Logger } from './logger.ts';
export { findTask, retry, retryMany, revoke, revokeMany, waitForTask } from './operate.ts';
export { PAYLOAD_PREFIX } from './payloads.ts';
export type { Request } from './prepare-tasks.ts';
export { costOf, costPer1000, PRICES } from './prices.ts';
export { QUEUES, type QueueName } from './queues.ts';
export { createRegistry, type Registry } from './registry.ts';
export { type Backoff, exponential, fixed, type RetryPolicy } from './retry.ts';
export { ScheduleTimes } from './schedule/entry.ts';
export {
  changeSchedule,
  comingTimes,
  createSchedule,
  findSchedule,
  findSchedules,
  removeSchedule,
  runSchedule,
} from './schedule/operate.ts';
export { canBecome, FINAL_STATES, isFinal, STATES, type State, TRANSITIONS } from './state.ts';
export { listCircuits } from './store/circuits.ts';
export { queriesSoFar } from './store/commit.ts';
export { findRelatives } from './store/find-relatives.ts';
export { listWorkflows, type Workflow, type WorkflowStatus, type WorkflowTask } from './store/get-workflow.ts';
export { callbackIdOf } from './store/ids.ts';
export { acceptedTask } from './store/insert-tasks.ts';
export { listAttempts } from './store/list-attempts.ts';
export { listTasks, type TaskFilter } from './store/list-tasks.ts';
export { overviewQueues, type QueueOverview } from './store/queue-overview.ts';
export type { Attempt, Task, TaskError, TaskSummary } from './store/rows.ts';
export { NEVER, type Schedule } from './store/schedules.ts';
export { summariseTag, type TagSummary } from './store/summarise-tag.ts';
export { lastSweep, readSweeps } from './store/sweep-record.ts';
export { type FailureStat, readFailures, readSeries, readTotals } from './store/task-stats.ts';
export { type SweepReport, sweep } from './sweep/index.ts';
export { pruneTasks } from './sweep/prune.ts';
export {
  type AnyDefinition,
  type Definition,
  defineTask,
  type Progress,
  type TaskContext,
  type TaskOptions,
} from './task.ts';
