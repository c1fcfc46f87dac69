// Writes made-up tasks into the SQLite file of a local D1, with their tags, workflows, attempts, leases and statistics. Must not
// be used on a database that a server has open.
import type { DatabaseSync } from 'node:sqlite';
import { emptyHistogram, observe, RUNTIME_BOUNDS_MS, WAIT_BOUNDS_MS } from '../../src/engine/histogram.ts';
import { CHAIN_LENGTH, type MadeUpTask } from './made-up.ts';

const TASKS_PER_COMMIT = 20_000;
const MINUTE_MS = 60_000;
const LEASE = '00000000-0000-7000-8000-00000000feed';
const YEAR_MS = 365 * 86_400_000;

/** The statistics of one minute, definition and queue. */
interface Tally {
  row: [minute: number, name: string, queue: string];
  /** In the order of COUNTERS. */
  counts: number[];
  runtimes: number[];
  waits: number[];
}
const COUNTERS = ['succeeded', 'failed', 'revoked', 'retried', 'runtime_ms', 'attempts', 'first_attempts'];

/** `onProgress` receives the number of tasks written so far. */
export function writeTasks(
  db: DatabaseSync,
  tasks: Iterable<MadeUpTask>,
  now: number,
  onProgress: (written: number) => void,
): void {
  const write = statementsOf(db);
  const tallies = new Map<string, Tally>();
  const running = new Map<string, string[]>();
  let written = 0;
  let parent: string | undefined;
  db.exec('BEGIN');
  for (const task of tasks) {
    const lease = task.state === 'STARTED' ? `${LEASE}-${task.queue}` : null;
    if (lease) running.set(task.queue, [...(running.get(task.queue) ?? []), task.id]);
    writeTask(write, task, lease, parent);
    parent = task.workflow ? task.id : undefined;
    count(tallies, task);
    if (++written % TASKS_PER_COMMIT === 0) {
      db.exec('COMMIT; BEGIN');
      onProgress(written);
    }
  }
  for (const [queue, ids] of running) write.lease.run(`${LEASE}-${queue}`, queue, JSON.stringify(ids), now + YEAR_MS);
  for (const { row, counts, runtimes, waits } of tallies.values())
    write.stats.run(...row, ...counts, JSON.stringify(runtimes), JSON.stringify(waits));
  writeRest(db, now);
  db.exec('COMMIT');
}

function statementsOf(db: DatabaseSync) {
  return {
    task: db.prepare(`
      INSERT INTO tasks (id, name, queue, state, input, result, error, tags, attempt, max_retries, fence, lease_id,
        created_at, due_at, wake_at, started_at, finished_at, workflow_id, open_parents)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 3, ?9, ?10, ?11, ?12, ?12, ?13, ?14, ?15, ?16)`),
    tag: db.prepare('INSERT INTO task_tags (tag, task_id) VALUES (?, ?)'),
    attempt: db.prepare(`
      INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error) VALUES (?, ?, ?, ?, ?, ?)`),
    member: db.prepare('INSERT INTO workflow_tasks (workflow_id, task_id) VALUES (?, ?)'),
    edge: db.prepare("INSERT INTO edges (parent_id, child_id, position, runs_on) VALUES (?, ?, 0, 'success')"),
    workflow: db.prepare(`
      INSERT INTO workflows (id, result_task_id, total, done, created_at) VALUES (?1, ?2, ?3, ?3, ?4)`),
    lease: db.prepare('INSERT OR REPLACE INTO leases (id, queue, task_ids, until) VALUES (?, ?, ?, ?)'),
    stats: db.prepare(`
      INSERT OR REPLACE INTO task_stats (minute, name, queue, ${COUNTERS.join(', ')}, runtimes, waits)
      VALUES (?, ?, ?, ${COUNTERS.map(() => '?').join(', ')}, ?, ?)`),
  };
}

function writeTask(
  write: ReturnType<typeof statementsOf>,
  task: MadeUpTask,
  lease: string | null,
  parent: string | undefined,
): void {
  const { id, name, queue, state, input, result, error, tags, attempt, workflow } = task;
  const times = [task.createdAt, task.dueAt, task.startedAt, task.finishedAt];
  const kept = tags.length > 0 ? JSON.stringify(tags) : null;
  const row = [id, name, queue, state, input, result, error, kept, attempt, lease];
  write.task.run(...row, ...times, workflow?.id ?? null, state === 'WAITING' ? 1 : 0);
  for (const tag of tags) write.tag.run(tag, id);
  if (error) {
    const at = task.startedAt ?? task.createdAt;
    for (let number = 1; number <= attempt; number++)
      write.attempt.run(id, number, number < 4 ? 'RETRY' : 'FAILURE', at, at + 100, error);
  }
  if (!workflow) return;
  write.member.run(workflow.id, id);
  if (workflow.place > 0 && parent !== undefined) write.edge.run(parent, id);
  if (workflow.place === CHAIN_LENGTH - 1) write.workflow.run(workflow.id, id, CHAIN_LENGTH, task.createdAt);
}

function count(tallies: Map<string, Tally>, { name, queue, state, attempt, ...at }: MadeUpTask): void {
  if (at.finishedAt === null) return;
  const minute = at.finishedAt - (at.finishedAt % MINUTE_MS);
  const id = `${minute} ${name} ${queue}`;
  const tally = tallies.get(id) ?? {
    row: [minute, name, queue],
    counts: COUNTERS.map(() => 0),
    runtimes: emptyHistogram(RUNTIME_BOUNDS_MS),
    waits: emptyHistogram(WAIT_BOUNDS_MS),
  };
  tallies.set(id, tally);
  const runtimeMs = at.finishedAt - (at.startedAt ?? at.finishedAt);
  const added = [
    +(state === 'SUCCESS'),
    +(state === 'FAILURE'),
    +(state === 'REVOKED'),
    attempt - 1,
    runtimeMs,
    attempt,
  ];
  tally.counts = tally.counts.map((value, index) => value + (added[index] ?? 1));
  if (at.startedAt === null) return;
  observe(tally.runtimes, RUNTIME_BOUNDS_MS, runtimeMs);
  observe(tally.waits, WAIT_BOUNDS_MS, at.startedAt - at.createdAt);
}

/** Writes the statistics of failures, and marks the clean-up as done just now. The first maintenance run does the rest. */
function writeRest(db: DatabaseSync, now: number): void {
  db.exec(`
    INSERT OR REPLACE INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
    SELECT name, queue, error ->> 'type', count(*), error ->> 'code', error ->> 'message', max(finished_at), max(id)
    FROM tasks WHERE state = 'FAILURE' AND state <> 'STARTED' GROUP BY 1, 2, 3`);
  db.prepare(`
    INSERT OR REPLACE INTO clean_ups (chore, done_as_of) VALUES ('tasks', ?1), ('workflows', ?1)`).run(now);
}
