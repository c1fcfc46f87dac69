// What every handler finds in its context. app.ts sets it with each request.
import type { Context } from 'hono';
import type { Access, ApiKey } from '../access/index.ts';
import type { Engine } from '../engine/manage.ts';
import type { Files } from '../files/index.ts';
import type { Grant } from '../live/limiter.ts';

export interface HttpServices {
  engine: Engine;
  db: D1Database;
  files: Files;
  settings: HttpSettings;
  /** Allows `limit` calls a minute for a name, counted over all isolates. */
  allow(name: string, limit: number): Promise<Grant>;
  /** Connects a client to the live feed: 101 with its WebSocket, or 503 when the feed or the caller has too many. */
  connect(caller: string): Promise<Response>;
  /** The page of the dashboard. If it is not built, the reply is not ok. */
  shell?(): Promise<Response>;
}

export interface HttpSettings {
  AUTH: 'keys' | 'open';
  MAIL_PROVIDER: string;
  KEY_RATE_LIMIT: number;
  REGISTER_RATE_LIMIT: number;
  MAX_STREAMS: number;
  MAX_STREAMS_PER_KEY: number;
  METRICS_TOKEN?: string | undefined;
  WEBHOOK_SECRET?: string | undefined;
  WEBHOOK_ALLOW_PRIVATE?: 'on' | 'off';
  RESEND_WEBHOOK_SECRET?: string | undefined;
  POSTMARK_WEBHOOK_TOKEN?: string | undefined;
  LINK_SECRET?: string | undefined;
  UNSUBSCRIBE_SECRET?: string | undefined;
}

export interface HttpEnv {
  Variables: {
    services: HttpServices;
    access: Access;
    requestId: string;
    /** The API key that `authorize` let pass; undefined in open mode. */
    caller?: ApiKey;
  };
}

export type HttpContext = Context<HttpEnv>;
