// The live feed: whatever happens to tasks asks the page to load again, at most once a second. What the feed says is not
// shown as it is: the API is asked, so a message lost or doubled changes nothing. Without a connection the page goes on by
// its refresh rate.
import { refreshAll, refreshSeconds } from './live.ts';

const MAX_PAUSE_MS = 30_000;
const REFRESH_MS = 1000;
/** Keeps what lies between from closing an idle connection; the object answers without waking. */
const PING_MS = 30_000;

interface Message {
  id: number;
  events?: readonly unknown[];
  more?: number;
  reset?: boolean;
}

/** Follows the feed until the returned function is called. */
export function followFeed(): () => void {
  let socket: WebSocket | undefined;
  let ended = false;
  let last: number | undefined;
  let pause = 1000;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refreshing: ReturnType<typeof setTimeout> | undefined;
  let ping: ReturnType<typeof setInterval> | undefined;

  const refreshSoon = () => {
    if (refreshing || document.hidden || refreshSeconds.get() === 0) return;
    refreshing = setTimeout(() => {
      refreshing = undefined;
      refreshAll();
    }, REFRESH_MS);
  };
  const open = () => {
    if (ended) return;
    socket = new WebSocket(new URL('/live', location.href.replace(/^http/, 'ws')));
    socket.onopen = () => {
      pause = 1000;
      socket?.send(JSON.stringify({ all: true, ...(last !== undefined && { last }) }));
      ping = setInterval(() => socket?.send('ping'), PING_MS);
    };
    socket.onmessage = ({ data }) => {
      if (data === 'pong') return;
      const message = JSON.parse(String(data)) as Message;
      last = message.id;
      if (message.reset || message.more || (message.events?.length ?? 0) > 0) refreshSoon();
    };
    socket.onclose = () => {
      clearInterval(ping);
      if (!ended) timer = setTimeout(open, pause * (0.5 + Math.random()));
      pause = Math.min(MAX_PAUSE_MS, pause * 2);
    };
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    clearTimeout(refreshing);
    clearInterval(ping);
    socket?.close();
  };
}
