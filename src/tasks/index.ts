// The list of all tasks, one line each, and the names that src/http and src/index.ts use. Nothing outside imports any other file.
import { deliverCallback } from './callback-deliver.ts';
import { cleanUp } from './clean-up.ts';
import { processData, saveData, validateData } from './data.ts';
import { demoTasks } from './demo.ts';
import { demoPipelineTasks } from './demo-pipeline.ts';
import { demoPushTasks } from './demo-push.ts';
import { demoStepTasks } from './demo-steps.ts';
import { sendAllDigests, sendDigest } from './digest.ts';
import { extractDocument } from './document-extract.ts';
import { writeDocument } from './document-pdf.ts';
import { sendEmail } from './email-send.ts';
import { sendWelcomeEmail } from './email-welcome.ts';
import { collectImages } from './image-collect.ts';
import { makeThumbnail } from './image-thumbnail.ts';
import { backfillSchedule } from './schedules-backfill.ts';
import { retryByFilter, revokeByFilter } from './tasks-bulk.ts';

export { callbackFault } from './callback-deliver.ts';
export { userTag } from './digest.ts';
export { extractOptions } from './document-extract.ts';
export { hooks } from './hooks.ts';
export { thumbnailOptions } from './image-thumbnail.ts';
export { createServices } from './services.ts';
export { bulkRetry, filterOf, retriedBy, retryByFilter, revokeByFilter, someFilter, taskFilter } from './tasks-bulk.ts';
export {
  backfillSchedule,
  collectImages,
  extractDocument,
  makeThumbnail,
  processData,
  saveData,
  sendEmail,
  sendWelcomeEmail,
  validateData,
  writeDocument,
};

/** Every definition that can be enqueued. */
export const allTasks = (options: { demo: boolean }) => [
  sendEmail,
  sendWelcomeEmail,
  makeThumbnail,
  collectImages,
  writeDocument,
  extractDocument,
  validateData,
  processData,
  saveData,
  revokeByFilter,
  retryByFilter,
  backfillSchedule,
  cleanUp,
  deliverCallback,
  sendAllDigests,
  sendDigest,
  ...(options.demo ? [...demoTasks, ...demoStepTasks, ...demoPipelineTasks, ...demoPushTasks] : []),
];
