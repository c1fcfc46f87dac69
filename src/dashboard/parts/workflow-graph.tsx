// Draws a workflow: one box per task, coloured by state. Many interchangeable tasks are one stack with counts.
import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { drawGraph, type Edge, type GraphNode, type GraphTask, NODE_HEIGHT, NODE_WIDTH } from '../graph.ts';
import { to } from '../router.ts';
import { STATES, URGENCY } from '../task-query.ts';

/** A task that was not needed is REVOKED, but needs no attention. */
const SKIPPED = 'NOT NEEDED';

/** Longer texts are cut to fit the box. */
const NAME_CHARACTERS = 23;
const DETAIL_CHARACTERS = 26;

export function WorkflowGraph({ tasks, onChoose }: { tasks: GraphTask[]; onChoose(name: string): void }) {
  const { nodes, edges, width, height } = drawGraph(tasks);
  const [fits, setFits] = useState(false);
  const { area, isWider } = useIsWider(width);
  return (
    <div class="graph-frame">
      {(fits || isWider) && (
        <button type="button" class="button graph-fit" onClick={() => setFits(!fits)}>
          {fits ? 'Readable size' : 'Fit to width'}
        </button>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <section class="graph" tabIndex={0} aria-label="Graph of the workflow" ref={area}>
        {/* biome-ignore lint/a11y/useSemanticElements: a group of links within an SVG */}
        <svg
          style={{
            width: fits ? `min(${width}px, 100%)` : `min(${width}px, max(100%, ${width}px * var(--smallest)))`,
            aspectRatio: `${width} / ${height}`,
          }}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={`${tasks.length} tasks`}
        >
          {edges.map((edge) => (
            <path
              key={`${edge.from.id} ${edge.to.id}`}
              class="edge"
              data-done={edge.from.tasks.every(isDone)}
              d={curve(edge)}
            />
          ))}
          {nodes.map((node) => (
            <GraphBox key={node.id} node={node} onChoose={onChoose} />
          ))}
        </svg>
      </section>
    </div>
  );
}

/** Whether the graph is wider than its area, so that it must be scrolled. `width`: of the graph, in pixels. */
function useIsWider(width: number) {
  const area = useRef<HTMLElement>(null);
  const [isWider, setIsWider] = useState(false);
  useEffect(() => {
    const { current } = area;
    if (!current) return;
    const observer = new ResizeObserver(() => setIsWider(current.scrollWidth > current.clientWidth));
    observer.observe(current);
    if (current.firstElementChild) observer.observe(current.firstElementChild);
    return () => observer.disconnect();
  }, [width]);
  return { area, isWider };
}

function GraphBox({ node, onChoose }: { node: GraphNode; onChoose(name: string): void }) {
  const { id, name, tasks, x, y } = node;
  const top = y - NODE_HEIGHT / 2;
  const single = tasks.length === 1;
  const title = titleOf(node);
  const counts = [...STATES, SKIPPED]
    .map((state) => ({ state, of: tasks.filter((task) => stateOf(task) === state).length }))
    .filter(({ of }) => of > 0);
  const worst = worstOf(tasks);
  const words = counts.map(({ state, of }) => `${count(of)} ${state.toLowerCase()}`).join(', ');
  const about = title === name ? `${name}: ${words}` : `${title} (${name}): ${words}`;
  const detail = title === name ? worst.toLowerCase() : `${worst.toLowerCase()} · ${name}`;
  const inside = (
    <>
      {!single && <rect class="node-shade" x={x + 5} y={top + 5} width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" />}
      <rect class="node-box" x={x} y={top} width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" />
      <rect class="node-mark" x={x} y={top + 10} width="4" height={NODE_HEIGHT - 20} rx="2" />
      <text class="node-name" x={x + 16} y={top + 22}>
        {cut(title, NAME_CHARACTERS)}
      </text>
      <text class="node-state" x={x + 16} y={top + 39}>
        {single
          ? cut(detail, DETAIL_CHARACTERS)
          : `${count(tasks.length)} × ${counts.length === 1 ? cut(detail, DETAIL_CHARACTERS - 7) : ''}`}
      </text>
      {counts.length > 1 && (
        <Shares counts={counts} total={tasks.length} x={x + 76} y={top + 34} width={NODE_WIDTH - 90} />
      )}
      <title>{about}</title>
    </>
  );
  return single ? (
    <a class="node" data-state={worst} href={to(`/tasks/${id}`)} aria-label={about}>
      {inside}
    </a>
  ) : (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
    <g
      class="node"
      data-state={worst}
      role="button"
      tabIndex={0}
      aria-label={`${about}. Show them in the list`}
      onClick={() => onChoose(name)}
      onKeyDown={(event) => event.key === 'Enter' && onChoose(name)}
    >
      {inside}
    </g>
  );
}

/** A bar divided by the share of each state. */
function Shares(props: {
  counts: { state: string; of: number }[];
  total: number;
  x: number;
  y: number;
  width: number;
}) {
  let from = props.x;
  return (
    <>
      {props.counts.map(({ state, of }) => {
        const width = (props.width * of) / props.total;
        const at = from;
        from += width;
        return <rect key={state} class="node-share" data-state={state} x={at} y={props.y} width={width} height="6" />;
      })}
    </>
  );
}

const cut = (text: string, characters: number) =>
  text.length > characters ? `${text.slice(0, characters - 1)}…` : text;

/** The name of the node; of several nodes, that of the first one and how many there are. */
function titleOf({ name, tasks }: GraphNode): string {
  const named = tasks.flatMap(({ node }) => node ?? []);
  const [first] = new Set(named);
  const others = new Set(named).size - 1;
  if (first === undefined || named.length < tasks.length) return name;
  return others > 0 ? `${cut(first, NAME_CHARACTERS - 10)} and ${count(others)} more` : first;
}

const isDone = ({ status }: GraphTask) => status === 'SUCCESS';

const stateOf = ({ status, not_needed }: GraphTask): string => (not_needed ? SKIPPED : status);

/** The state that colours a stack: the one that needs attention most. */
function worstOf(tasks: readonly GraphTask[]): string {
  const states = new Set(tasks.map(stateOf));
  return [...URGENCY, SKIPPED].find((state) => states.has(state)) ?? '';
}

function curve({ from, to: target, through }: Edge): string {
  let [x, y] = [from.x + NODE_WIDTH, from.y];
  let path = `M${x} ${y}`;
  for (const point of [...through, target]) {
    const bend = Math.max(24, (point.x - x) / 2);
    path += `C${x + bend} ${y} ${point.x - bend} ${point.y} ${point.x} ${point.y}`;
    if (point !== target) path += `h${NODE_WIDTH}`;
    [x, y] = [point.x + NODE_WIDTH, point.y];
  }
  return path;
}
