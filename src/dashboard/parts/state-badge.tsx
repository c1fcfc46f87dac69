// Shows the state of a task or workflow, or the outcome of an attempt, as a coloured word.

export function StateBadge({ state, large }: { state: string; large?: boolean }) {
  return (
    <span class={large ? 'state state-large' : 'state'} data-state={state}>
      {state.charAt(0) + state.slice(1).toLowerCase()}
    </span>
  );
}
