// The deployed version of the Worker, as Cloudflare's binding tells it.
import type { Version } from './task.ts';

/** undefined: there is no binding, or it names no version. A local dev server makes up a new id each time it starts. */
export function deployedVersion(metadata: { id: string; tag: string } | undefined): Version | undefined {
  return metadata?.id ? { id: metadata.id, tag: metadata.tag || undefined } : undefined;
}
