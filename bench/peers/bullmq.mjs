// Times BullMQ's bulk: from addBulk() until the worker in this process (concurrency 100) has completed every job. One
// JSON line per run. Arguments as celery_bulk.py: <runs> <count> [<runs> <count> …]. Not TypeScript, so that the
// project's type check needs no bench/node_modules.
import { Queue, Worker } from 'bullmq';

const LIMIT_MS = 120_000;
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };

/** One timed bulk of `count` no-op jobs on an empty queue; every job's return value stays in Redis. */
async function run(queue, worker, count) {
  await queue.obliterate({ force: true });
  let done = 0;
  const finished = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${done} of ${count} after ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    worker.on('failed', (_job, error) => reject(error));
    worker.on('completed', () => {
      if (++done < count) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const started = performance.now();
  await queue.addBulk(Array.from({ length: count }, () => ({ name: 'demo.echo', data: { value: 1 } })));
  const published = performance.now();
  await finished;
  const seconds = (performance.now() - started) / 1000;
  worker.removeAllListeners('completed').removeAllListeners('failed');
  const completed = await queue.getCompletedCount();
  if (completed !== count) throw new Error(`${completed} of ${count} jobs are completed`);
  return { count, seconds, publish_seconds: (published - started) / 1000 };
}

const queue = new Queue('noop', { connection });
const worker = new Worker('noop', async (job) => job.data, { connection, concurrency: 100 });
worker.on('error', (error) => console.error(error.message));
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
const pairs = process.argv.slice(2).map(Number);
for (let i = 0; i < pairs.length; i += 2) {
  for (let n = 0; n < pairs[i]; n++) console.log(JSON.stringify(await run(queue, worker, pairs[i + 1])));
}
await worker.close();
await queue.close();
process.exit(0);
