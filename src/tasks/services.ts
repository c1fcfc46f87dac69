// What tasks reach through `ctx.services`: declared here, filled in by src/index.ts.
import type { Files } from '../files/index.ts';
import type { Images } from '../images/index.ts';
import type { Mailer } from '../mail/index.ts';

declare global {
  namespace Errand {
    interface Services {
      mailer: Mailer;
      files: Files;
      images: Images;
      /** What signs callbacks, and whether they may lead into one's own network. */
      callbacks: { secret: string | undefined; allowPrivate: boolean };
      /** How long files are kept, in seconds; 0: for ever. */
      retention: { uploadsSeconds: number; outputsSeconds: number };
    }
  }
}
