// The door for the code that runs the engine and shows it: the wiring, the HTTP API, the live feed, tests. Authors of tasks use
// index.ts.
export { startInBackground } from './background.ts';
export type { Chore } from './clean-up/chore.ts';
export { runChores } from './clean-up/clean-up.ts';
export { type Clock, systemClock } from './clock.ts';
export { consume, consumeDead, handleDelivery } from './consume.ts';
export { type Counts, sumCounts } from './counts.ts';
export { currentEngine, useEngine } from './current.ts';
export type { Declaration } from './declaration.ts';
export { deployedVersion } from './deployed-version.ts';
export { makeEager } from './eager.ts';
export type { Backlog, Doorbell, Engine, EngineSettings, Pacer, PayloadStore, Registry } from './engine.ts';
export { type EnqueueTogether, enqueue, enqueueOne, MAX_TASKS_PER_CALL } from './enqueue.ts';
export { EnqueueOptions, WorkflowName } from './enqueue-options.ts';
export { EngineError, type ErrorCode, type Issue, issuesOf } from './errors.ts';
export type { EventReceipt, NewEvent } from './events/event.ts';
export { sendEvent } from './events/send-event.ts';
export { type Change, findFollowed, followTask, printOf } from './follow.ts';
export type { AnyDefinition } from './handler.ts';
export {
  addUp,
  emptyHistogram,
  type Histogram,
  percentile,
  RUNTIME_BOUNDS_MS,
  WAIT_BOUNDS_MS,
} from './histogram.ts';
export { findKeyHolder, type KeyHolder } from './key-holder.ts';
export { callBehindCircuit, circuitsOf } from './limits/circuit.ts';
export { pauseQueue, requireQueue, resumeQueue } from './limits/pause-queue.ts';
export { type Answer, type Asking, type Line, shorten, takeSlots } from './limits/rate.ts';
export { parseRoutes, queueOf, type Route } from './limits/routes.ts';
export { consoleLogger, type Logger } from './logger.ts';
export {
  findTask,
  findTaskWithWait,
  retryTask,
  retryTasks,
  revokeTask,
  revokeTasks,
  waitForTask,
} from './manage-tasks.ts';
export { PAYLOAD_PREFIX } from './payloads.ts';
export type { EnqueueRequest } from './prepare-tasks.ts';
export { costOf, costOfSteps, costPer1000, PRICES, WORKFLOWS_PRICES } from './prices.ts';
export { createQueueDoorbell } from './queue-doorbell.ts';
export { QUEUE_NAMES, QUEUES, type QueueName, queueBindings } from './queues.ts';
export type { NotTaken, Receipt, WorkflowReceipt } from './receipt.ts';
export { createRegistry } from './registry.ts';
export { findMissedTimes } from './schedule/backfill.ts';
export { type ScheduledWorkflow, ScheduleTimes } from './schedule/entry.ts';
export {
  changeSchedule,
  comingTimes,
  createSchedule,
  deleteSchedule,
  findSchedule,
  findSchedules,
  runSchedule,
  scheduleLateness,
} from './schedule/manage-schedules.ts';
export { canBecome, FINAL_STATES, isFinal, STATES, type State, TRANSITIONS } from './state.ts';
export { approvalLinks, readApprovalToken, signApproval } from './steps/approval-link.ts';
export {
  type ApprovalState,
  decideApproval,
  findApproval,
  forkTask,
  listApprovals,
  listSteps,
  type OpenApproval,
  openStep,
  type WholeStep,
} from './steps/manage-steps.ts';
export type { RecordedStep, StepName } from './steps/step.ts';
export { type StepNews, wokenBy } from './steps/step-news.ts';
export { ConstraintViolated } from './store/batch.ts';
export { countRetriable } from './store/change-workflow.ts';
export { listCircuits } from './store/circuits.ts';
export { type CleanUpRecord, readCleanUps } from './store/clean-ups.ts';
export { findRelatives } from './store/find-relatives.ts';
export { listWorkflows, type Workflow, type WorkflowStatus, type WorkflowTask } from './store/get-workflow.ts';
export { acceptedTask } from './store/insert-tasks.ts';
export { listAttempts } from './store/list-attempts.ts';
export { listTasks } from './store/list-tasks.ts';
export { overviewQueues, type QueueOverview } from './store/queue-overview.ts';
export { NEVER, type Schedule } from './store/schedules.ts';
export { lastSweep, readSweeps, type SweepRecord } from './store/sweep-record.ts';
export { type FailureStat, readFailures, readSeries, readTotals } from './store/task-stats.ts';
export { type SweepReport, sweep } from './sweep/index.ts';
export { system } from './system.ts';
export type {
  Attempt,
  SnoozeReason,
  Task,
  TaskError,
  TaskSummary,
  TaskUpdate,
  Version,
  Waiting,
  WaitReason,
} from './task.ts';
export { REASON_CODES } from './task.ts';
export type { TaskFilter } from './task-filter.ts';
export { graphFaults } from './workflow/dag.ts';
export { enqueueWorkflow } from './workflow/enqueue-workflow.ts';
export { findWorkflow, retryWorkflow, revokeWorkflow } from './workflow/manage-workflows.ts';
export { type NamedNode, WHENS, type WorkflowNode } from './workflow/node.ts';
export { MAX_WORKFLOW_TASKS, tooManyTasks } from './workflow/plan-workflow.ts';
export { storeNode } from './workflow/stored.ts';
