// The OpenAPI document as a list of operations, and checks of the document and of replies.
import documentSchema from '@seriousme/openapi-schema-validator/schemas/v3.1/schema.json';
import { expect } from 'vitest';
import { createContract, newAjv, type OpenApiDocument } from './contract.ts';
import { call, reply } from './worker.ts';

export { type JsonSchema, type OpenApiDocument, operationsOf, type Parameter } from './contract.ts';

export function readDocument(): Promise<OpenApiDocument> {
  return reply<OpenApiDocument>(200, call('GET /openapi.json'));
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
  const contract = createContract(document);

  /** Fails unless the operation lists this status and type, and the body fits its schema. Returns the body. */
  return async (name: string, response: Response): Promise<unknown> => {
    const operation = contract.operations.find((one) => one.name === name);
    if (!operation) throw new Error(`the document has no ${name}`);
    const text = await response.text();
    const { status, headers } = response;
    const fault = contract.faultOf(operation, { status, header: (header) => headers.get(header), text });
    expect(fault, `${name} ${status}: ${text}`).toBeUndefined();
    return JSON.parse(text);
  };
}
