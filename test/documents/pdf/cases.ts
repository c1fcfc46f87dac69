// The PDFs in cases/, which other programs wrote or which are damaged.
import { env } from 'cloudflare:workers';
import { type ReadOptions, readDocument } from '../../../src/documents/index.ts';
import { OPTIONS, sourceOf } from '../source.ts';

const files = import.meta.glob<string>('./cases/*.pdf', { query: '?inline', import: 'default', eager: true });

/** The bytes of a file in cases/. */
export function aCase(name: string): Uint8Array {
  const [, base64 = ''] = (files[`./cases/${name}.pdf`] ?? '').split('base64,');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The files of src/documents/assets, as the Worker has them. */
export async function asset(path: string): Promise<Uint8Array | undefined> {
  const reply = await env.ASSETS.fetch(`https://assets/${path}`);
  return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : undefined;
}

export async function readPdf(bytes: Uint8Array, options: Partial<ReadOptions> = {}) {
  const report = await readDocument(sourceOf(bytes), { ...OPTIONS, asset, ...options });
  if (report.kind !== 'pdf') throw new Error(`a ${report.kind}`);
  return report;
}
