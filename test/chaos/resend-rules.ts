// The rules by which Resend's `POST /emails` accepts or refuses a request. Pure. Names, statuses and texts follow
// https://resend.com/docs/api-reference/errors and https://resend.com/docs/api-reference/introduction.

/** A reply of the API: `{ id }` or Resend's error format. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: { id: string } | { statusCode: number; name: string; message: string };
}

export interface Call {
  method: string;
  path: string;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  body: string;
}

/** A valid mail: its recipients, and its payload as canonical JSON. */
export interface Mail {
  recipients: string[];
  payload: string;
  /** The idempotency key. */
  key: string | undefined;
}

const maxKeyLength = 256;
const maxRecipients = 50;

export function refusal(status: number, name: string, message: string, headers?: Record<string, string>): Answer {
  return { status, body: { statusCode: status, name, message }, ...(headers ? { headers } : {}) };
}

/** Checks a call in Resend's order: the caller, the path and method, then headers and body. */
export function readMail(call: Call): Mail | Answer {
  // Cloudflare's edge in front of Resend refuses requests without a User-Agent, and a Worker's fetch() sends none by default.
  if (!call.headers['user-agent'])
    return refusal(403, 'forbidden', 'error code: 1010 (the User-Agent header is missing)');
  const token = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!token) return refusal(401, 'missing_api_key', 'Missing API key in the authorization header.');
  if (!token.startsWith('re_')) return refusal(403, 'invalid_api_key', 'API key is invalid.');
  if (call.path !== '/emails') return refusal(404, 'not_found', 'The requested endpoint does not exist.');
  if (call.method !== 'POST')
    return refusal(405, 'method_not_allowed', 'Method is not allowed for the requested path.');
  const idempotencyKey = call.headers['idempotency-key'];
  if (idempotencyKey !== undefined && (idempotencyKey.length < 1 || idempotencyKey.length > maxKeyLength)) {
    return refusal(400, 'invalid_idempotency_key', 'The key must be between 1-256 chars.');
  }
  if (!call.headers['content-type']?.includes('application/json')) {
    return refusal(422, 'validation_error', 'The request body must be JSON (content-type: application/json).');
  }
  const body = parseObject(call.body);
  if (!body) return refusal(422, 'validation_error', 'The request body is not a valid JSON object.');
  return fault(body) ?? { recipients: list(body.to), payload: canonical(body), key: idempotencyKey };
}

function fault(body: Record<string, unknown>): Answer | undefined {
  for (const field of ['from', 'to', 'subject']) {
    if (body[field] === undefined || body[field] === '') {
      return refusal(422, 'missing_required_field', `Missing \`${field}\` field.`);
    }
  }
  if (typeof body.html !== 'string' && typeof body.text !== 'string') {
    return refusal(422, 'missing_required_field', 'Missing `html` or `text` field.');
  }
  for (const field of ['subject', 'html', 'text']) {
    if (body[field] !== undefined && typeof body[field] !== 'string') {
      return refusal(422, 'validation_error', `The \`${field}\` field must be a \`string\`.`);
    }
  }
  if (list(body.to).length > maxRecipients) {
    return refusal(422, 'validation_error', `The \`to\` field has more than ${maxRecipients} addresses.`);
  }
  for (const field of ['from', 'to', 'cc', 'bcc', 'reply_to']) {
    const wrong = body[field] === undefined ? undefined : list(body[field]).find((address) => !isAddress(address));
    if (wrong !== undefined) {
      const wanted = 'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';
      return refusal(422, 'validation_error', `Invalid \`${field}\` field. ${wanted}`);
    }
  }
  return undefined;
}

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => (typeof item === 'string' ? item : ''));
}

function isAddress(text: string): boolean {
  return /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)$/.test(text);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

// JSON with sorted fields: equal objects give equal texts.
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
