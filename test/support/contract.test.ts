import { describe, expect, it } from 'vitest';
import { createContract, type OpenApiDocument } from './contract.ts';

const schema = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } }, required: ['id'] };
const document: OpenApiDocument = {
  paths: {
    '/things/{id}': {
      post: {
        security: [{ key: ['admin'] }],
        parameters: [],
        requestBody: { content: { 'application/json': { schema: { ...schema, additionalProperties: false } } } },
        responses: {
          200: { content: { 'application/json': { schema } }, headers: { location: { required: true } } },
          204: {},
          default: { content: { 'application/problem+json': { schema: {} } } },
        },
      },
    },
  },
};
const contract = createContract(document);
const [operation] = contract.operations;
const id = crypto.randomUUID();

function faultOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const all: Record<string, string> = { 'content-type': 'application/json', location: '/things/1', ...headers };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return contract.faultOf(operation!, { status, text, header: (name) => all[name] });
}

describe('a reply', () => {
  it('that is listed and fits has no fault', () => {
    expect(faultOf(200, { id })).toBeUndefined();
    expect(faultOf(204, '')).toBeUndefined();
  });

  it.each([
    ['a status that only `default` covers', 404, {}, {}, 'status 404 is not listed'],
    ['a body where none is listed', 204, { id }, {}, 'status 204 must have no body'],
    ['another type', 200, { id }, { 'content-type': 'text/plain' }, 'content type text/plain'],
    ['a missing header', 200, { id }, { location: '' }, 'the header location is missing'],
    ['a text that is no JSON', 200, '{', {}, 'the body is not JSON'],
    ['a body that does not fit', 200, { id: 1 }, {}, 'body/id must be string'],
    ['a value of another format', 200, { id: 'x' }, {}, 'body/id must match format "uuid"'],
  ])('with %s has a fault', (_, status, body, headers, fault) => {
    expect(faultOf(status, body, headers as Record<string, string>)).toContain(fault);
  });
});

it('a request body is checked, too', () => {
  expect(contract.misfitOf(operation!, { id })).toBeUndefined();
  expect(contract.misfitOf(operation!, { id, extra: 1 })).toContain('additional properties');
});
