// A graph, with types: a node whose input does not fit the results of its parents does not compile. Types only; signature.ts
// builds graphs.
import type { When } from './node.ts';
import type { AnyWorkflowPart, NeedsOf, NeedsOfAll, ResultOf } from './part.ts';

/** A node that comes after others. It receives their results by name. */
export interface GraphNode {
  run: AnyWorkflowPart;
  after?: readonly string[];
  /** After which ends of its parents it runs, once all of them have ended. Default: `all_success`. */
  when?: When;
}

/** Nodes by name; a part alone comes after no other node. */
export type GraphNodes = Record<string, AnyWorkflowPart | GraphNode>;

/** What a node receives in the place of a result, if the parent did not succeed. */
export interface FailedParent {
  error: { code: string; type: string; message: string };
}

type PartOf<Node> = Node extends { run: infer Part } ? Part : Node;
type AfterOf<Node> = Node extends { after: readonly (infer Name)[] } ? Name : never;
type WhenOf<Node> = Node extends { when: infer W extends When } ? W : 'all_success';
/** The names are known only when the graph is made. */
type IsDynamic<Nodes> = string extends keyof Nodes ? true : false;

/** What a node receives from its parents. */
type Received<Nodes, Node> = {
  [Name in AfterOf<Node> & keyof Nodes]:
    | ResultOf<PartOf<Nodes[Name]>>
    | (WhenOf<Node> extends 'all_success' ? never : FailedParent);
};

/** The nodes, if each fits its parents. Otherwise a field of the misfit is `never`, and the call does not compile. */
export type FittingNodes<Nodes> = {
  [Name in keyof Nodes]: IsDynamic<Nodes> extends true
    ? Nodes[Name]
    : [AfterOf<Nodes[Name]>] extends [Exclude<keyof Nodes, Name>]
      ? [AfterOf<Nodes[Name]>] extends [never]
        ? Nodes[Name]
        : Received<Nodes, Nodes[Name]> extends NeedsOf<PartOf<Nodes[Name]>>
          ? Nodes[Name]
          : { run: never }
      : { after: never };
};

/** What the nodes that come after no other node need from the part before the graph. */
export type NeedsOfNodes<Nodes> = NeedsOfAll<
  { [Name in keyof Nodes]: [AfterOf<Nodes[Name]>] extends [never] ? PartOf<Nodes[Name]> : never }[keyof Nodes]
>;

/** The names of the parents of nodes that run after a failure only, or of all others. */
type ParentsOf<Nodes, OfFailure> = {
  [Name in keyof Nodes]: (WhenOf<Nodes[Name]> extends 'one_failed' ? true : false) extends OfFailure
    ? AfterOf<Nodes[Name]>
    : never;
}[keyof Nodes];
type Sinks<Nodes> = Exclude<keyof Nodes, ParentsOf<Nodes, false>>;

/** `true` for a node that may turn out not to be needed. Nodes more than 30 deep count as such. */
type MayBeSkipped<Nodes, Name, Depth extends unknown[] = []> = Depth['length'] extends 30
  ? true
  : Name extends keyof Nodes
    ? {
        one_failed: true;
        all_done: false;
        all_success: MayBeSkipped<Nodes, AfterOf<Nodes[Name]>, [...Depth, 0]>;
      }[WhenOf<Nodes[Name]>]
    : false;
type SkippedSinks<Nodes> = {
  [Name in Sinks<Nodes>]: true extends MayBeSkipped<Nodes, Name> ? Name : never;
}[Sinks<Nodes>];

type SinkResult<Nodes, Name extends keyof Nodes> =
  | ResultOf<PartOf<Nodes[Name]>>
  | (Name extends ParentsOf<Nodes, true> ? FailedParent : never);
type Flat<Fields> = { [Name in keyof Fields]: Fields[Name] };

/** The results of the nodes that no other node continues, by name; without those that were not needed. */
export type GraphResults<Nodes> =
  IsDynamic<Nodes> extends true
    ? Record<string, unknown>
    : Flat<
        { [Name in Exclude<Sinks<Nodes>, SkippedSinks<Nodes>>]: SinkResult<Nodes, Name> } & {
          [Name in SkippedSinks<Nodes>]?: SinkResult<Nodes, Name>;
        }
      >;
