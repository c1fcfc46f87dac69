// What every handler finds in its context: the services of the Worker, set once per request by app.ts.
import type { Context } from 'hono';
import type { Engine } from '../engine/manage.ts';
import type { Files } from '../files/index.ts';
import type { Grant } from '../live/limiter.ts';

export interface HttpServices {
  engine: Engine;
  db: D1Database;
  files: Files;
  settings: HttpSettings;
  /** Allows `limit` calls a minute under a name, over all isolates. */
  allow(name: string, limit: number): Promise<Grant>;
  /** Connects a client to the live feed: 101 with its WebSocket, or 503 when the feed is full. */
  connect(): Promise<Response>;
  /** The built page of the dashboard; a reply that is not ok when it was not built. */
  shell?(): Promise<Response>;
}

export interface HttpSettings {
  AUTH: 'keys' | 'open';
  MAIL_PROVIDER: string;
  KEY_RATE_LIMIT: number;
  REGISTER_RATE_LIMIT: number;
  METRICS_TOKEN?: string | undefined;
  WEBHOOK_SECRET?: string | undefined;
  WEBHOOK_ALLOW_PRIVATE?: 'on' | 'off';
  RESEND_WEBHOOK_SECRET?: string | undefined;
  POSTMARK_WEBHOOK_TOKEN?: string | undefined;
  LINK_SECRET?: string | undefined;
}

export interface HttpEnv {
  Variables: { services: HttpServices; requestId: string };
}

export type HttpContext = Context<HttpEnv>;
