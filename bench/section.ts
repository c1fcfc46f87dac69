// The context of a section of the bench, and how it names the peers.
import type { Peer } from './peers.ts';
import type { Row } from './table.ts';

export interface Context {
  /** The peers installed here, with their versions. */
  readonly peers: ReadonlyMap<Peer, string>;
  /** Fewer and smaller rounds. They show that the bench works; their numbers are not to be quoted. */
  readonly short: boolean;
  /** The commit that `size` compares with; default: one that it names itself. */
  readonly against?: string | undefined;
  /** Shows one line of progress. */
  say(line: string): void;
}

export type Section = (context: Context) => Promise<Row[]>;

/** Which of the wanted peers are not installed, as a sentence; empty if all are. */
export function missing(context: Context, ...wanted: Peer[]): string {
  const names = wanted.filter((peer) => !context.peers.has(peer));
  return names.length > 0 ? `${names.join(', ')} not installed` : '';
}

/** The name a peer has in the table, with its version where it is installed. */
export function titled(context: Context, title: string, peer: Peer): string {
  const version = context.peers.get(peer);
  return version ? `${title} ${version}` : title;
}

export function celeryName(context: Context): string {
  return `${titled(context, 'Celery', 'celery')} + Redis`;
}
