// The live feed: tells the page what becomes of tasks, so that it asks the API again (live.ts says how often). What the feed
// says is not shown as it is: a message lost or doubled changes nothing. While the window is hidden or the page is paused
// there is no connection; the next one begins with what was missed.
import { refreshFromFeed, refreshSeconds, type TaskEvent } from './live.ts';

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** What is told within this time is told to the page at once: most tasks start and end in it. */
const COLLECT_MS = 1000;
/** Keeps what lies between from closing an idle connection; the object answers without waking. */
const PING_MS = 30_000;
/** The feed ends each connection after a while, to look at its key again (WebSocket close code, RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;

interface Message {
  id: number;
  events?: readonly TaskEvent[];
  more?: number;
  reset?: true;
}

/** Follows the feed until the returned function is called. */
export function followFeed(): () => void {
  const collector = createCollector();
  let socket: WebSocket | undefined;
  let last: number | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    const opened = new WebSocket(new URL('/live', location.href.replace(/^http/, 'ws')));
    let heard = false;
    socket = opened;
    opened.onopen = () => opened.send(JSON.stringify({ all: true, ...(last !== undefined && { last }) }));
    opened.onmessage = ({ data }) => {
      if (socket !== opened || data === 'pong') return;
      const message = JSON.parse(String(data)) as Message;
      // What happened between the first load and the first answer is in no message.
      const whole = last !== undefined && !message.reset && message.more === undefined;
      collector.add(whole ? (message.events ?? []) : undefined);
      last = message.id;
      heard = true;
      pauseMs = FIRST_PAUSE_MS;
    };
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      socket = undefined;
      waiting = setTimeout(connect, heard && code === GOING_AWAY ? 0 : pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
    };
  };
  const disconnect = () => {
    clearTimeout(waiting);
    const closing = socket;
    socket = undefined;
    closing?.close();
  };
  const adapt = () => {
    const wanted = !document.hidden && refreshSeconds.get() > 0;
    if (!wanted) disconnect();
    else if (!socket) {
      clearTimeout(waiting);
      connect();
    }
  };
  const ping = setInterval(() => socket?.readyState === WebSocket.OPEN && socket.send('ping'), PING_MS);
  document.addEventListener('visibilitychange', adapt);
  const unfollow = refreshSeconds.follow(adapt);
  adapt();
  return () => {
    clearInterval(ping);
    document.removeEventListener('visibilitychange', adapt);
    unfollow();
    disconnect();
    collector.stop();
  };
}

/** Gathers events for a moment, from the first on; `undefined` stands for any. */
function createCollector() {
  let events: TaskEvent[] | undefined = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    refreshFromFeed(events);
    events = [];
    timer = undefined;
  };
  return {
    add(more: readonly TaskEvent[] | undefined) {
      if (more?.length === 0) return;
      events = events && more && [...events, ...more];
      timer ??= setTimeout(tell, COLLECT_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
