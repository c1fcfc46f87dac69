// A deployed version of the Worker: its tag, or else the beginning of its id. A link to the tasks whose last attempt ran under it.
import type { TaskSummary } from '../api.ts';
import { to } from '../router.ts';

export function VersionLink({ version: { id, tag } }: { version: NonNullable<TaskSummary['version']> }) {
  return (
    <a class="version quiet" href={to('/tasks', { version: id })} title={`Version ${id}`}>
      {tag ?? id.slice(0, 8)}
    </a>
  );
}
