// Links with which a person decides an approval without an API key. A link names one approval; whether that is open, and for how
// long, stands in D1. The secret must never leave the Worker.
import type { Engine } from '../engine.ts';
import type { StepName } from './step.ts';

export interface LinkSettings {
  /** The URL under which the Worker is reached. */
  PUBLIC_URL?: string | undefined;
  LINK_SECRET?: string | undefined;
}

/** Which approval of which task. */
export type ApprovalName = StepName & { taskId: string };

/** The engine's port for links; nothing while a setting is missing. */
export function approvalLinks({ PUBLIC_URL, LINK_SECRET }: LinkSettings): Pick<Engine, 'approvalLink'> {
  if (!PUBLIC_URL || !LINK_SECRET) return {};
  const base = PUBLIC_URL.replace(/\/$/, '');
  return { approvalLink: async (step) => `${base}/approve/${await signApproval(LINK_SECRET, step)}` };
}

/** The token of a link: letters, digits, hyphens, underscores and one dot. */
export async function signApproval(secret: string, { taskId, name, occurrence }: ApprovalName): Promise<string> {
  const text = JSON.stringify([taskId, name, occurrence]);
  const signature = await crypto.subtle.sign('HMAC', await importSecret(secret), textToSign(text));
  return `${encode(new TextEncoder().encode(text))}.${encode(new Uint8Array(signature))}`;
}

/** The approval of a token; undefined when the token was not made with this secret. */
export async function readApprovalToken(secret: string, token: string): Promise<ApprovalName | undefined> {
  const [, encoded = '', signature = ''] = token.match(/^([\w-]{1,3000})\.([\w-]{43})$/) ?? [];
  const text = new TextDecoder().decode(Buffer.from(encoded, 'base64url'));
  const bytes = Buffer.from(signature, 'base64url');
  // verify() compares in constant time.
  const isGenuine = await crypto.subtle.verify('HMAC', await importSecret(secret), bytes, textToSign(text));
  // The last characters hold spare bits: one approval has one token.
  const isExact = encoded === encode(new TextEncoder().encode(text)) && signature === encode(bytes);
  if (!isGenuine || !isExact) return undefined;
  const [taskId, name, occurrence] = JSON.parse(text) as [string, string, number];
  return { taskId, name, occurrence };
}

function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

/** Names its purpose: the secret signs links to files too. */
function textToSign(text: string): Uint8Array {
  return new TextEncoder().encode(`approval\n${text}`);
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
