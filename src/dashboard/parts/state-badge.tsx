// A state as a word with its colour; the word alone says it, too.

/** A state of a task or a workflow, or an outcome of an attempt. */
export function StateBadge({ state, large }: { state: string; large?: boolean }) {
  return (
    <span class={large ? 'state state-large' : 'state'} data-state={state}>
      {state.charAt(0) + state.slice(1).toLowerCase()}
    </span>
  );
}
