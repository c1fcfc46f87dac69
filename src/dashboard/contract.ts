// What the API answers on routes that its typed client does not know: each is tolerated when it is not there.

export interface Stats {
  since: string;
  until: string;
  step_seconds: number;
  series: StatsPoint[];
  definitions: DefinitionStats[];
  queues: { name: string; succeeded: number; failed: number; revoked: number; retried: number }[];
  running: number;
  recent_failures: { name: string; code: string; message: string; count: number; last_at: string; task_id: string }[];
}

export interface StatsPoint {
  at: string;
  succeeded: number;
  failed: number;
  revoked: number;
  retried: number;
  runtime_p50_ms: number | null;
  runtime_p95_ms: number | null;
  runtime_p99_ms: number | null;
}

export interface DefinitionStats {
  name: string;
  queue: string;
  succeeded: number;
  failed: number;
  revoked: number;
  retried: number;
  crashed: number;
  /** 0 to 1; null when none ended. */
  failure_rate: number | null;
  runtime_p50_ms: number | null;
  runtime_p95_ms: number | null;
  runtime_p99_ms: number | null;
  wait_p50_ms: number | null;
  wait_p95_ms: number | null;
  cost_per_1000_usd: number | null;
}

export interface Queue {
  name: string;
  paused: boolean;
  /** null when Cloudflare did not say. */
  backlog: number | null;
  /** Counted up to 1,000. */
  waiting: number;
  running: number;
  oldest_seconds: number | null;
  throughput_per_minute: number;
}

export interface Schedule {
  name: string;
  task: string;
  input: unknown;
  cron: string | null;
  every: number | null;
  timezone: string;
  catchup: string;
  overlap: string;
  jitter_seconds: number;
  paused: boolean;
  source: 'code' | 'api';
  last_run_at: string | null;
  last_task_id: string | null;
  next_run_at: string | null;
  /** Why its latest time enqueued nothing. */
  last_error?: string | null;
}

export interface NewSchedule {
  name: string;
  task: string;
  input: unknown;
  cron?: string;
  every?: number;
  timezone: string;
  catchup: string;
  overlap: string;
}

export interface StoredFile {
  file: string;
  size: number;
  content_type: string;
  filename: string;
  uploaded_at: string;
}

/** What `GET /tasks` takes, as a body says it. */
export interface TaskFilter {
  status?: string;
  name?: string;
  queue?: string;
  tag?: string;
  text?: string;
  since?: string;
  until?: string;
}
