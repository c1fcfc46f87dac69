// The tags of a workflow. Each leads to the list of workflows with it.
import { to } from '../router.ts';

export function WorkflowTags({ tags }: { tags: readonly string[] }) {
  return (
    <>
      {tags.map((tag) => (
        <a key={tag} class="tag" href={to('/workflows', { tag })}>
          {tag}
        </a>
      ))}
    </>
  );
}
