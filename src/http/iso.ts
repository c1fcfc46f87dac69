// Instants on the wire: ISO 8601 in UTC with milliseconds.
import { z } from '@hono/zod-openapi';

/** The schema of an instant in a reply. */
export const isoInstant = z.iso.datetime();

/** The schema of an instant that a caller gives, with any offset. */
export const givenInstant = z.iso.datetime({ offset: true });

export function iso(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}

export function isoOrNull(epochMilliseconds: number | null | undefined): string | null {
  return epochMilliseconds === undefined || epochMilliseconds === null ? null : iso(epochMilliseconds);
}
