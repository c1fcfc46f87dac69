// A 95 MB upload as a stream, on the whole Worker: the additional memory of its isolate while the upload passes. The
// inspector of the isolate reports it, because the memory of the process also contains the simulated R2.
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, scratchFolder, start } from '../processes.ts';
import type { Context } from '../section.ts';
import { measure, median, type Row } from '../table.ts';

const BYTES = 95_000_000;
const PIECE = 1_000_000;
const MOST_MIB = 16;
const ISOLATE_MIB = 128;
const MIB = 1024 * 1024;

export async function upload(context: Context): Promise<Row[]> {
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const settings = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', `${inspectorPort}`];
  const command = ['wrangler', 'dev', ...settings, '--persist-to', await scratchFolder(), '--var', 'AUTH:open'];
  const server = await start([...command, '--show-interactive-dev-session=false'], /Ready on/, { seconds: 90 });
  try {
    const url = `http://127.0.0.1:${port}/files/large.bin`;
    // The first requests load the HTTP API, so that later growth is due to the upload.
    for (let turn = 0; turn < 3; turn++) await send(url, PIECE);
    const inspector = await openInspector(inspectorPort);
    const grown: number[] = [];
    while (grown.length < (context.short ? 1 : 5)) {
      const { mib, seconds, looks } = await watch(url, inspector);
      context.say(
        `${mib.toFixed(2)} MiB more at the most of ${looks} looks, ${Math.round(BYTES / 1e6 / seconds)} MB/s`,
      );
      grown.push(mib);
    }
    inspector.close();
    return [
      measure({
        what: '95 MB upload, additional memory in the isolate',
        unit: 'MiB',
        value: median(grown),
        beside: { name: 'an isolate may have', value: ISOLATE_MIB },
        most: MOST_MIB,
        how: `asked over its inspector, median of ${grown.length}`,
      }),
    ];
  } finally {
    await server.stop();
  }
}

async function watch(url: string, inspector: Inspector) {
  const looks = [await inspector.heldBytes()];
  let done = false;
  const watching = (async () => {
    for (; !done; await sleep(5)) looks.push(await inspector.heldBytes());
  })();
  const started = performance.now();
  await send(url, BYTES).finally(() => {
    done = true;
  });
  const seconds = (performance.now() - started) / 1000;
  await watching;
  return { mib: (Math.max(...looks) - (looks[0] ?? 0)) / MIB, seconds, looks: looks.length };
}

async function send(url: string, bytes: number): Promise<void> {
  let left = bytes;
  const body = new ReadableStream({
    pull(controller) {
      const size = Math.min(PIECE, left);
      controller.enqueue(new Uint8Array(size).fill(left & 255));
      left -= size;
      if (left === 0) controller.close();
    },
  });
  const init = { method: 'PUT', body, duplex: 'half', headers: { 'content-length': `${bytes}` } };
  const response = await fetch(url, init as RequestInit);
  if (response.status !== 201) throw new Error(`PUT: ${response.status} ${await response.text()}`);
}

interface Inspector {
  /** The isolate's heap, and the buffers outside of it. */
  heldBytes(): Promise<number>;
  close(): void;
}

interface HeapUsage {
  readonly totalSize: number;
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}

/** The Worker's isolate over the protocol of Chrome's developer tools. Wrangler refuses connections without a local origin. */
async function openInspector(port: number): Promise<Inspector> {
  const options = { headers: { origin: 'http://localhost' } } as unknown as string[];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, options);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('the inspector did not answer'));
  });
  const waiting = new Map<number, (usage: HeapUsage) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: HeapUsage };
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  let id = 0;
  async function heldBytes(): Promise<number> {
    const usage = await new Promise<HeapUsage>((resolve) => {
      waiting.set(++id, resolve);
      socket.send(JSON.stringify({ id, method: 'Runtime.getHeapUsage' }));
    });
    return usage.totalSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
  }
  return { heldBytes, close: () => socket.close() };
}
