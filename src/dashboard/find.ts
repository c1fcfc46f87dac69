// Finds what a search means: asks the API what an id belongs to.
import { api } from './api.ts';
import type { Fault } from './filter-fault.ts';
import { to } from './router.ts';
import { ApiError } from './send.ts';

type Found = { address: string } | { fault: Fault };

/** The page of the task, workflow or mail with this id. */
export async function findById(id: string): Promise<Found> {
  const [tasks, workflows] = await findByIdPart(id);
  if (tasks.length > 0) return { address: to(`/tasks/${id}`) };
  if (workflows.length > 0) return { address: to(`/workflows/${id}`) };
  if (await hasMail(id)) return { address: to(`/mailbox/${id}`) };
  return {
    fault: { message: 'No task, workflow or mail has this id. Final tasks are deleted after their retention.' },
  };
}

/** The page of the only task or workflow whose id ends so; the list of tasks if there are more. */
export async function findByIdEnd(end: string): Promise<Found> {
  const [tasks, workflows] = await findByIdPart(end);
  const pages = [
    ...tasks.map(({ task_id }) => to(`/tasks/${task_id}`)),
    ...workflows.map(({ workflow_id }) => to(`/workflows/${workflow_id}`)),
  ];
  const [only] = pages;
  if (only === undefined)
    return {
      fault: {
        message: `No id of the newest 20,000 tasks and workflows ends with "${end}". To open an older one, paste its whole id.`,
      },
    };
  return { address: pages.length === 1 || tasks.length === 0 ? only : to('/tasks', { text: end }) };
}

/** Two of each are enough to know whether one is the only one. */
async function findByIdPart(part: string) {
  const [tasks, workflows] = await Promise.all([
    api.tasks({ text: part, limit: '2' }),
    api.workflows({ text: part, limit: 2 }),
  ]);
  return [tasks.items, workflows.items] as const;
}

/** False also without the scope to read mails, and when mails are sent instead of kept. */
async function hasMail(id: string): Promise<boolean> {
  try {
    await api.mail(id);
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return false;
    throw error;
  }
}
