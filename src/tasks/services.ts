// The services that tasks reach through `ctx.services`; src/index.ts provides them.
import type { Files } from '../files/index.ts';
import type { Images } from '../images/index.ts';
import type { Mailer } from '../mail/index.ts';

declare global {
  namespace Errand {
    interface Services {
      mailer: Mailer;
      files: Files;
      images: Images;
      /** The secret that signs callbacks, and whether callbacks may go to private networks. */
      callbacks: { secret: string | undefined; allowPrivate: boolean };
      /** How long files are kept, in seconds. 0: for ever. */
      retention: { uploadsSeconds: number; outputsSeconds: number };
    }
  }
}
