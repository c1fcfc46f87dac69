// What tasks reach through `ctx.services` and read from `ctx.settings`: declared and made here, so that the engine knows no
// mail, no files and no users.
import { pruneApiKeys } from '../access/index.ts';
import type { Files } from '../files/index.ts';
import type { Images } from '../images/index.ts';
import {
  type Circuits,
  createMailer,
  createUnsubscribeUrl,
  type Mailer,
  type MailSettings,
  pruneMails,
} from '../mail/index.ts';
import { listUsers } from '../users/index.ts';

/** What one call deleted. With a cursor, more is left. */
interface Portion {
  deleted: number;
  cursor?: string;
}

/** Rows of each table that one call deletes. */
const PORTION = 1000;

declare global {
  namespace Errand {
    interface Services {
      mailer: Mailer;
      files: Files;
      images: Images;
      /** A file of src/documents/assets by its path there; undefined when there is none. */
      asset(path: string): Promise<Uint8Array | undefined>;
      users: {
        /** At most `limit` users, in the order of their ids, after the id `after`. */
        list(after: string, limit: number): Promise<{ id: string; email: string }[]>;
      };
      mails: {
        /** False: a setting is missing, so recipients cannot unsubscribe and only transactional mail can be sent. */
        canUnsubscribe: boolean;
        /** Deletes a portion of the mails from before `before` (epoch milliseconds). */
        prune(before: number): Promise<Portion>;
      };
      apiKeys: {
        /** Deletes a portion of the API keys that ended before `before`, and of the sessions that have ended. */
        prune(before: number): Promise<Portion>;
      };
    }

    interface Settings {
      /** `secret` signs callbacks. `allowPrivate`: they may go to plain HTTP and to private networks. */
      callbacks: { secret: string | undefined; allowPrivate: boolean };
      /** How long files and final tasks are kept, in seconds; 0: for ever. */
      retention: { uploadsSeconds: number; outputsSeconds: number; tasksSeconds: number };
    }
  }
}

/** Bindings: D1, the assets, and `send_email` for the mail provider `cloudflare`. */
type ServiceBindings = Pick<Cloudflare.Env, 'DB' | 'ASSETS' | 'EMAIL'>;

export interface ServiceParts {
  mail: MailSettings;
  files: Files;
  images: Images;
  /** Default: always closed. */
  circuits?: Circuits;
  /** Epoch milliseconds. */
  now(): number;
}

/** Throws a plain Error that names the setting that a mail provider lacks. */
export function createServices(
  { DB: db, ASSETS: assets, EMAIL: email }: ServiceBindings,
  { mail, files, images, circuits, now }: ServiceParts,
): Errand.Services {
  return {
    files,
    images,
    async asset(path) {
      const reply = await assets.fetch(`https://assets/${path}`);
      return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : void (await reply.body?.cancel());
    },
    mailer: createMailer(db, mail, now, { attachments: files, email, ...(circuits && { circuits }) }),
    users: { list: (after, limit) => listUsers(db, after, limit) },
    mails: {
      canUnsubscribe: createUnsubscribeUrl(mail) !== undefined,
      prune: (before) => pruneMails(db, before, PORTION),
    },
    apiKeys: { prune: (before) => pruneApiKeys(db, before, PORTION) },
  };
}
