// The OpenAPI document as a list of operations, and checks of the document and of replies.
import documentSchema from '@seriousme/openapi-schema-validator/schemas/v3.1/schema.json';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { call, reply } from './worker.ts';

interface ResponseObject {
  content?: Record<string, { schema: object }>;
}

export interface Parameter {
  name: string;
  in: string;
  schema: { default?: unknown };
}

export interface Operation {
  /** `POST /tasks/{id}/revoke` */
  name: string;
  method: string;
  /** With its parameters in braces. */
  path: string;
  /** undefined: no API key is needed. */
  scope: string | undefined;
  parameters: Parameter[];
  /** The JSON Schema of a JSON body; undefined: the operation takes none. */
  body: JsonSchema | undefined;
  responses: Record<string, ResponseObject>;
}

export interface JsonSchema {
  properties?: Record<string, JsonSchema>;
}

interface OperationObject {
  security: { key: string[] }[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Operation['responses'];
}

export type OpenApiDocument = Record<string, unknown> & {
  paths: Record<string, Record<string, OperationObject>>;
};

export function readDocument(): Promise<OpenApiDocument> {
  return reply<OpenApiDocument>(200, call('GET /openapi.json'));
}

/** The operations of the document. The document does not list the route that returns it. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, parameters = [], requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      scope: security[0]?.key[0],
      parameters,
      body: requestBody?.content['application/json']?.schema,
      responses,
    })),
  );
}

/** The path with a plausible value for each parameter. */
export function fillPath(path: string): string {
  const values: Record<string, string> = {
    id: crypto.randomUUID(),
    key: 'uploads/none',
    prefix: 'errand_none',
    payload: 'result',
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name);
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.addFormat('media-range', true).addFormat('binary', true).addFormat('password', true);
}

/** What is wrong with the document as OpenAPI 3.1; empty when it is valid. */
export function faultsOfDocument(document: OpenApiDocument): string[] {
  const validate = newAjv().compile(documentSchema);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}

/** Checks replies against the response schemas of a document. */
export function createJudge(document: OpenApiDocument) {
  const ajv = newAjv().addSchema(document, 'document');

  /** Fails unless the operation declares this status and type, and the body fits its schema. Returns the body. */
  return async (name: string, response: Response): Promise<unknown> => {
    const operation = operationsOf(document).find((one) => one.name === name);
    if (!operation) throw new Error(`the document has no ${name}`);
    const status = operation.responses[response.status] ? String(response.status) : 'default';
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const content = operation.responses[status]?.content;
    const text = await response.text();
    expect(Object.keys(content ?? {}), `${name} ${response.status}: ${text}`).toContain(type);
    const steps = ['paths', operation.path, operation.method.toLowerCase(), 'responses', status, 'content', type];
    const pointer = [...steps, 'schema'].map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    const validate = ajv.compile({ $ref: `document#/${pointer.map(encodeURIComponent).join('/')}` });
    const body: unknown = JSON.parse(text);
    validate(body);
    expect(validate.errors ?? [], `${name} ${response.status}: ${text}`).toEqual([]);
    return body;
  };
}
