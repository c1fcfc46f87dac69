// Task ids are UUIDv7: their first 48 bits are the time of creation, so the primary key lists by time.

/** The smallest UUIDv7 of an instant: ids at or above it were made at or after it. */
export function firstId(epochMilliseconds: number): string {
  const hex = Math.max(0, Math.floor(epochMilliseconds)).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The instant a UUIDv7 was made, epoch milliseconds. */
export function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** The id of the task that delivers another task's callback: migrations/0009_create_callbacks.sql enqueues it. */
export function callbackIdOf(taskId: string): string {
  return `${taskId.slice(0, 14)}8${taskId.slice(15)}`;
}
