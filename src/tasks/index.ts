// The list of tasks: one line each.
import './services.ts';
import { processData, saveData, validateData } from './data.ts';
import { demoTasks } from './demo.ts';
import { extractDocument } from './document-extract.ts';
import { writeDocument } from './document-pdf.ts';
import { sendEmail } from './email-send.ts';
import { sendWelcomeEmail } from './email-welcome.ts';
import { makeThumbnail } from './image-thumbnail.ts';

export { extractOptions } from './document-extract.ts';
export { thumbnailOptions } from './image-thumbnail.ts';
export {
  extractDocument,
  makeThumbnail,
  processData,
  saveData,
  sendEmail,
  sendWelcomeEmail,
  validateData,
  writeDocument,
};

/** Everything that can be enqueued. */
export const allTasks = (options: { demo: boolean }) => [
  sendEmail,
  sendWelcomeEmail,
  makeThumbnail,
  writeDocument,
  extractDocument,
  validateData,
  processData,
  saveData,
  ...(options.demo ? demoTasks : []),
];
