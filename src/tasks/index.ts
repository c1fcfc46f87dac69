// The list of tasks: one line each.
import './services.ts';
import { demoTasks } from './demo.ts';
import { sendEmail } from './email-send.ts';
import { sendWelcomeEmail } from './email-welcome.ts';
import { makeThumbnail } from './image-thumbnail.ts';

export { thumbnailOptions } from './image-thumbnail.ts';
export { makeThumbnail, sendEmail, sendWelcomeEmail };

/** Everything that can be enqueued. */
export const allTasks = (options: { demo: boolean }) => [
  sendEmail,
  sendWelcomeEmail,
  makeThumbnail,
  ...(options.demo ? demoTasks : []),
];
