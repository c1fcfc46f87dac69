// Sends the events of one task, whatever is killed meanwhile: a POST without a reply is repeated with the same id.
import { setTimeout as wait } from 'node:timers/promises';
import { createApi } from '../../../scripts/api.ts';
import { EVENTS } from './load.ts';

/** A reply to one POST /events. */
export interface SentEvent {
  label: string;
  id: string;
  woken: number;
  duplicate: boolean;
}

const MAX_PAUSE_MS = 3000;
const TWICE = 0.3;
const MAX_SECONDS = 300;

/** The id of the `n`-th event of a task; its payload is `n`. */
export function eventId(label: string, n: number): string {
  return `${label}-event-${n}`;
}

/** Sends them one after the other, at random moments, some of them twice; and one for which no task waits. */
export async function sendEvents(origin: string, label: string, random: () => number): Promise<SentEvent[]> {
  const replies: SentEvent[] = [];
  for (let n = 1; n <= EVENTS; n++) {
    await wait(random() * MAX_PAUSE_MS);
    const event = { type: 'chaos.paid', key: label, id: eventId(label, n), payload: n };
    const times = random() < TWICE ? 2 : 1;
    replies.push(...(await Promise.all(Array.from({ length: times }, () => send(origin, label, event)))));
  }
  const stray = { type: 'chaos.paid', key: `not ${label}`, id: `${label}-stray`, payload: 0 };
  return [...replies, await send(origin, label, stray)];
}

async function send(origin: string, label: string, event: { id: string }): Promise<SentEvent> {
  const deadline = performance.now() + MAX_SECONDS * 1000;
  const api = createApi(origin);
  for (;;) {
    try {
      const { woken, duplicate } = (await api.post<{ woken: number; duplicate: boolean }>('/events', event)).body;
      return { label, id: event.id, woken, duplicate };
    } catch (error) {
      // The server was killed and has not answered since.
      if (!(error instanceof TypeError) || performance.now() > deadline) throw error;
      await wait(200);
    }
  }
}
