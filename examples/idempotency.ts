// Work that is requested many times and done once: one task at a time rebuilds a site; a document is indexed when its author
// pauses.
// docs/guides/idempotency.md explains it; test/examples/idempotency.test.ts runs it.
import { z } from 'zod';
import { defineTask } from '../src/engine/index.ts';

export const rebuildSite = defineTask({
  name: 'example.rebuild_site',
  input: z.object({ site: z.string(), reason: z.string() }),
  output: z.object({ reason: z.string() }),
  unique: { key: ({ site }) => site, forSeconds: 3600, until: 'success' },
  run: ({ reason }) => ({ reason }),
});

export const indexDocument = defineTask({
  name: 'example.index_document',
  input: z.object({ id: z.string(), text: z.string() }),
  output: z.object({ words: z.int() }),
  unique: { key: ({ id }) => id, forSeconds: 3600, onConflict: 'replace' },
  run: ({ text }) => ({ words: text.split(' ').length }),
});
