// The list of pages. Pages with `nav` appear in the navigation, in this order.
import type { ComponentType } from 'preact';
import type { Scope } from './api.ts';
import { ApiKeys } from './pages/api-keys.tsx';
import { Approvals } from './pages/approvals.tsx';
import { DefinitionPage } from './pages/definition.tsx';
import { Definitions } from './pages/definitions.tsx';
import { FilePage } from './pages/file.tsx';
import { Files } from './pages/files.tsx';
import { Mailbox } from './pages/mailbox.tsx';
import { Overview } from './pages/overview.tsx';
import { Playground } from './pages/playground.tsx';
import { Queues } from './pages/queues.tsx';
import { Schedules } from './pages/schedules.tsx';
import { TaskPage } from './pages/task.tsx';
import { Tasks } from './pages/tasks.tsx';
import { WorkflowPage } from './pages/workflow.tsx';
import { Workflows } from './pages/workflows.tsx';
import { ApprovalCount } from './parts/approval-count.tsx';
import type { IconName } from './parts/icon.tsx';
import { match } from './router.ts';

export interface PageEntry {
  path: string;
  // biome-ignore lint/suspicious/noExplicitAny: a view takes the parameters of its own path as props
  view: ComponentType<any>;
  nav?: {
    title: string;
    icon: IconName;
    shortcut: string;
    group: 'work' | 'things' | 'more';
    scope?: Scope;
    /** Shown beside the title. */
    badge?: ComponentType;
  };
}

export const PAGES: readonly PageEntry[] = [
  { path: '/', view: Overview, nav: { title: 'Overview', icon: 'overview', shortcut: 'o', group: 'work' } },
  { path: '/tasks', view: Tasks, nav: { title: 'Tasks', icon: 'tasks', shortcut: 't', group: 'work' } },
  { path: '/tasks/:id', view: TaskPage },
  { path: '/workflows', view: Workflows, nav: { title: 'Workflows', icon: 'workflows', shortcut: 'w', group: 'work' } },
  { path: '/workflows/:id', view: WorkflowPage },
  {
    path: '/approvals',
    view: Approvals,
    nav: { title: 'Approvals', icon: 'approvals', shortcut: 'a', group: 'work', badge: ApprovalCount },
  },
  { path: '/queues', view: Queues, nav: { title: 'Queues', icon: 'queues', shortcut: 'q', group: 'work' } },
  { path: '/schedules', view: Schedules, nav: { title: 'Schedules', icon: 'schedules', shortcut: 's', group: 'work' } },
  {
    path: '/definitions',
    view: Definitions,
    nav: { title: 'Definitions', icon: 'definitions', shortcut: 'd', group: 'things' },
  },
  { path: '/definitions/:name', view: DefinitionPage },
  { path: '/files', view: Files, nav: { title: 'Files', icon: 'files', shortcut: 'f', group: 'things' } },
  { path: '/files/:fileKey', view: FilePage },
  {
    path: '/mailbox',
    view: Mailbox,
    nav: { title: 'Mailbox', icon: 'mailbox', shortcut: 'm', group: 'things', scope: 'admin' },
  },
  { path: '/mailbox/:id', view: Mailbox },
  {
    path: '/playground',
    view: Playground,
    nav: { title: 'Playground', icon: 'playground', shortcut: 'p', group: 'more', scope: 'tasks:write' },
  },
  {
    path: '/keys',
    view: ApiKeys,
    nav: { title: 'API keys', icon: 'keys', shortcut: 'k', group: 'more', scope: 'admin' },
  },
];

type Nav = NonNullable<PageEntry['nav']>;

/** The navigation entries that a caller with these scopes may open, each with the path of its page. */
export function openPages(scopes: readonly Scope[]): (Nav & { path: string })[] {
  return PAGES.flatMap(({ nav, path }) => (nav ? [{ ...nav, path }] : [])).filter(
    ({ scope }) => scope === undefined || scopes.includes('admin') || scopes.includes(scope),
  );
}

export function findPage(path: string): { page: PageEntry; parameters: Record<string, string> } | undefined {
  for (const page of PAGES) {
    const parameters = match(page.path, path);
    if (parameters) return { page, parameters };
  }
  return undefined;
}
