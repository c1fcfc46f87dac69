// Connects the page to the live feed. An update only makes the page load from the API again (live.ts limits how often), so a
// lost or repeated message does no harm. While the window is hidden or the page is paused, there is no connection; the next
// connection starts with the updates that were missed.
import { refreshFromFeed, refreshSeconds, type TaskUpdate } from './live.ts';

const FIRST_RECONNECT_MS = 1000;
const MAX_RECONNECT_MS = 30_000;
/** Updates of this span reach the page together: most tasks start and end within it. */
const COLLECT_MS = 1000;
/** Pings keep proxies from closing an idle connection. The Durable Object answers them without waking up. */
const PING_MS = 30_000;
/** The feed closes each connection after some time, to check the API key again (WebSocket close code, RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;

interface FeedMessage {
  id: number;
  /** The updates, under their name on the wire. */
  events?: readonly TaskUpdate[];
  more?: number;
  reset?: true;
}

/** Follows the feed until the returned function is called. */
export function followFeed(): () => void {
  const collector = createCollector();
  let socket: WebSocket | undefined;
  let lastMessageId: number | undefined;
  let reconnectMs = FIRST_RECONNECT_MS;
  let reconnecting: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    const opened = new WebSocket(new URL('/live', location.href.replace(/^http/, 'ws')));
    let received = false;
    socket = opened;
    opened.onopen = () =>
      opened.send(JSON.stringify({ all: true, ...(lastMessageId !== undefined && { last: lastMessageId }) }));
    opened.onmessage = ({ data }) => {
      if (socket !== opened || data === 'pong') return;
      const message = JSON.parse(String(data)) as FeedMessage;
      // The first message of a page does not cover the time since the page was loaded.
      const complete = lastMessageId !== undefined && !message.reset && message.more === undefined;
      collector.add(complete ? (message.events ?? []) : undefined);
      lastMessageId = message.id;
      received = true;
      reconnectMs = FIRST_RECONNECT_MS;
    };
    opened.onclose = ({ code }) => {
      if (socket !== opened) return;
      socket = undefined;
      reconnecting = setTimeout(connect, received && code === GOING_AWAY ? 0 : reconnectMs * (0.5 + Math.random()));
      reconnectMs = Math.min(MAX_RECONNECT_MS, reconnectMs * 2);
    };
  };
  const disconnect = () => {
    clearTimeout(reconnecting);
    const closing = socket;
    socket = undefined;
    closing?.close();
  };
  const connectIfVisible = () => {
    const wanted = !document.hidden && refreshSeconds.get() > 0;
    if (!wanted) disconnect();
    else if (!socket) {
      clearTimeout(reconnecting);
      connect();
    }
  };
  const ping = setInterval(() => socket?.readyState === WebSocket.OPEN && socket.send('ping'), PING_MS);
  document.addEventListener('visibilitychange', connectIfVisible);
  const unfollow = refreshSeconds.follow(connectIfVisible);
  connectIfVisible();
  return () => {
    clearInterval(ping);
    document.removeEventListener('visibilitychange', connectIfVisible);
    unfollow();
    disconnect();
    collector.stop();
  };
}

/** Collects updates for COLLECT_MS and then hands them on. `undefined`: any task may have changed. */
function createCollector() {
  let updates: TaskUpdate[] | undefined = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const handOn = () => {
    refreshFromFeed(updates);
    updates = [];
    timer = undefined;
  };
  return {
    add(more: readonly TaskUpdate[] | undefined) {
      if (more?.length === 0) return;
      updates = updates && more && [...updates, ...more];
      timer ??= setTimeout(handOn, COLLECT_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
