// One operation of an OpenAPI document: what is wrong with a request or an answer, and which answers the document promises.
// Reads OpenAPI 3.0 and 3.1. Stricter than the document in one point: a field that the document does not list is a fault.
import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Asked } from '../mail/fakes/server.ts';

type Json = Record<string, unknown>;

export interface OpenApi {
  openapi: string;
  servers: { url: string }[];
  security?: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, Record<string, Operation>>;
  components: { securitySchemes?: Record<string, SecurityScheme> };
}

interface Operation {
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[];
  requestBody?: Content;
  responses: Record<string, Content>;
}
interface Content {
  content?: Record<string, { schema?: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }>;
}
interface SecurityScheme {
  type: string;
  scheme?: string;
  name?: string;
}
type Schema = Json & { properties?: Record<string, Schema>; items?: Schema; allOf?: Schema[]; $ref?: string };

export interface PromisedAnswer {
  status: number;
  body: unknown;
  /** False: the document has no example, so the body is made from the schema. */
  example: boolean;
}

const addFormats = createRequire(import.meta.url)('ajv-formats').default as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

/** The operation `method path` of the document. */
export function readOperation(document: OpenApi, method: string, path: string) {
  const operation = resolved(document, document.paths[path]?.[method.toLowerCase()]) as Operation | undefined;
  if (!operation) throw new Error(`The document has no ${method} ${path}.`);
  const bodies = new Map(
    Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => [type, validator(schema)]),
  );

  /** Everything in which the request differs from the document. Empty: the document takes it. */
  async function faultsOf(asked: Asked): Promise<string[]> {
    const { pathname, searchParams } = new URL(asked.url);
    const [type = ''] = (asked.headers['content-type'] ?? '').split(';');
    const isValid = bodies.get(type);
    return [
      ...(asked.method === method ? [] : [`method: ${asked.method}`]),
      ...(pathPattern(document, path).test(pathname) ? [] : [`path: ${pathname}`]),
      ...[...searchParams.keys()].map((name) => `query: ${name} is not in the document`),
      ...securityFaults(document, operation as Operation, asked.headers),
      ...parameterFaults(operation as Operation, asked.headers),
      ...(isValid ? faultsIn(isValid, await bodyOf(asked, type, operation?.requestBody)) : [`content-type: ${type}`]),
    ];
  }

  /** What is wrong with an answer; a status that the document does not list is not judged. */
  function faultsOfAnswer(status: number, body: string): string[] {
    const media = operation?.responses[String(status)]?.content?.['application/json'];
    if (!media) return [];
    try {
      return faultsIn(validator(media.schema), JSON.parse(body));
    } catch {
      return ['body: is not JSON'];
    }
  }

  const answers = Object.entries(operation.responses).flatMap(([status, { content }]): PromisedAnswer[] => {
    const { schema, example, examples } = content?.['application/json'] ?? {};
    const written = [example, ...Object.values(examples ?? {}).map(({ value }) => value)].filter(
      (body) => body !== undefined,
    );
    const of = (body: unknown, isExample: boolean) => ({ status: Number(status), body, example: isExample });
    return written.length > 0
      ? written.map((body) => of(body, true))
      : [of(schema === undefined ? '' : sample(schema), false)];
  });
  return { faultsOf, faultsOfAnswer, answers };
}

/** One bounce for each type of bounce that Postmark's document lists, in the form in which it answers `GET /bounces/{id}`. */
export function bouncesOf(document: OpenApi): { type: string; event: unknown }[] {
  const { parameters = [] } = resolved(document, document.paths['/bounces']?.get) as Operation;
  const one = resolved(document, document.paths['/bounces/{bounceid}']?.get) as Operation;
  const schema = one.responses['200']?.content?.['application/json']?.schema ?? {};
  const types = parameters.find(({ name }) => name === 'type')?.schema as { enum: string[] };
  return types.enum.map((type) => ({
    type,
    event: { ...(sample(schema) as object), RecordType: 'Bounce', Type: type },
  }));
}

/** One value for each webhook and each value of its enumerations. */
export function webhooksOf(document: OpenApi): { type: string; event: unknown }[] {
  return Object.entries(document.webhooks ?? {}).flatMap(([type, { post }]) => {
    const operation = resolved(document, post) as Operation;
    const schema = operation.requestBody?.content?.['application/json']?.schema ?? {};
    const counts = enumerations(schema).map((values) => values.length);
    return Array.from({ length: Math.max(1, ...counts) }, (_, nth) => ({ type, event: sample(schema, nth) }));
  });
}

/** The value with each $ref replaced by what it leads to. A description or type beside a $ref stays. */
function resolved(document: object, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(document, each));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...others } = value as Schema;
  const rest = Object.fromEntries(Object.entries(others).map(([key, inner]) => [key, resolved(document, inner)]));
  if (typeof $ref !== 'string') return rest;
  const steps = $ref.slice(2).split('/');
  const target = steps.reduce<unknown>((at, step) => (at as Json)[step.replaceAll('~1', '/')], document);
  return { ...rest, ...(resolved(document, target) as Json) };
}

/** Refuses fields that are not listed, at the outermost schema that knows all of them. */
function strict(schema: Schema, outermost = true): Schema {
  const { properties, items, allOf, additionalProperties, ...others } = schema;
  return {
    ...others,
    ...(additionalProperties !== undefined && additionalProperties !== true && { additionalProperties }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, strict(inner)])),
    }),
    ...(items && { items: strict(items) }),
    ...(allOf && { allOf: allOf.map((inner) => strict(inner, false)) }),
    ...(outermost && hasProperties(schema) && { unevaluatedProperties: false }),
  };
}

const hasProperties = ({ properties, allOf }: Schema): boolean =>
  properties !== undefined || (allOf ?? []).some(hasProperties);

const validator = (schema: Schema | undefined): ValidateFunction => ajv.compile(strict(schema ?? {}));

function faultsIn(isValid: ValidateFunction, value: unknown): string[] {
  return isValid(value) ? [] : (isValid.errors ?? []).map(faultOf);
}

function faultOf({ instancePath, keyword, message, params }: ErrorObject): string {
  if (keyword !== 'unevaluatedProperties') return `body${instancePath}: ${message}`;
  return `body${instancePath}/${params.unevaluatedProperty}: is not in the document`;
}

function pathPattern({ servers }: OpenApi, path: string): RegExp {
  const base = new URL(servers[0]?.url ?? '/', 'https://document.example').pathname.replace(/\/$/, '');
  return new RegExp(`^${base}${path.replace(/\{\w+\}/g, '[^/]+')}$`);
}

function securityFaults({ security: common, components }: OpenApi, { security }: Operation, headers: Json): string[] {
  const wanted = (security ?? common ?? []).flatMap((each) => Object.keys(each));
  return wanted.flatMap((name) => {
    const { type, scheme, name: header = '' } = components.securitySchemes?.[name] ?? { type: '' };
    if (type === 'apiKey') return headers[header.toLowerCase()] ? [] : [`header ${header}: is missing`];
    const form = scheme === 'basic' ? /^Basic [A-Za-z0-9+/]+=*$/ : /^Bearer \S+$/;
    return form.test(String(headers.authorization)) ? [] : [`header authorization: is not ${scheme}`];
  });
}

function parameterFaults({ parameters = [] }: Operation, headers: Json): string[] {
  return parameters
    .filter((parameter) => parameter.in === 'header')
    .flatMap(({ name, required, schema }) => {
      const value = headers[name.toLowerCase()];
      if (value === undefined) return required ? [`header ${name}: is missing`] : [];
      return ajv.validate(schema ?? {}, value) ? [] : [`header ${name}: ${ajv.errorsText()}`];
    });
}

/** The JSON, or the fields of the form: a list where the document has a list or the field is there twice. */
async function bodyOf({ headers, body }: Asked, type: string, wanted: Content | undefined): Promise<unknown> {
  if (type !== 'multipart/form-data') return JSON.parse(body.toString());
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  const listed = wanted?.content?.[type]?.schema?.properties ?? {};
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name).map((value) => (typeof value === 'string' ? value : 'the bytes of a file'));
      return [name, listed[name]?.type === 'array' || values.length > 1 ? values : values[0]];
    }),
  );
}

/** A value that fits the schema; `nth` chooses among the values of its enumerations. */
function sample(schema: Schema, nth = 0): unknown {
  const { type, properties, items, allOf, example, format } = schema;
  const values = schema.enum as unknown[] | undefined;
  if ('const' in schema) return schema.const;
  if (values) return values[nth % values.length];
  if (example !== undefined) return example;
  if (allOf) return Object.assign({}, ...allOf.map((inner) => sample(inner, nth)));
  if (properties) {
    return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, sample(inner, nth)]));
  }
  if (type === 'array') return items ? [sample(items, nth)] : [];
  if (type === 'object') return {};
  if (type === 'integer' || type === 'number') return 0;
  if (type === 'boolean') return false;
  return format === 'date-time' ? '2026-11-24T12:00:00.000Z' : 'a text';
}

function enumerations(schema: Schema): unknown[][] {
  const { properties = {}, items, allOf = [] } = schema;
  const inner = [...Object.values(properties), ...(items ? [items] : []), ...allOf];
  return [...(Array.isArray(schema.enum) ? [schema.enum] : []), ...inner.flatMap(enumerations)];
}
