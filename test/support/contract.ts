// Checks replies and request bodies against an OpenAPI document. Pure: the tests in workerd and the fuzz in Node share it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The keywords that are looked at by name, and any others. */
export interface JsonSchema {
  [keyword: string]: unknown;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
}

interface Content {
  schema: JsonSchema;
}

interface ResponseObject {
  content?: Record<string, Content>;
  headers?: Record<string, { required?: boolean }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: JsonSchema;
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
  requestBody: { required?: boolean; content: Record<string, Content> } | undefined;
  /** The schema of a JSON body; undefined: the operation takes none. */
  body: JsonSchema | undefined;
  responses: Record<string, ResponseObject>;
}

type Described = Pick<Operation, 'parameters' | 'requestBody' | 'responses'> & { security: { key: string[] }[] };

export type OpenApiDocument = Record<string, unknown> & { paths: Record<string, Record<string, Described>> };

/** The operations of the document. The document does not list the route that returns it. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, parameters = [], requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      scope: security[0]?.key[0],
      parameters,
      requestBody,
      body: requestBody?.content['application/json']?.schema,
      responses,
    })),
  );
}

export function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.addFormat('media-range', true).addFormat('binary', true).addFormat('password', true);
}

export interface Answer {
  status: number;
  /** Lower-case names. */
  header(name: string): string | null | undefined;
  text: string;
}

export type Contract = ReturnType<typeof createContract>;

export function createContract(document: OpenApiDocument) {
  const ajv = newAjv().addSchema(document, 'document');
  const compiled = new Map<string, ValidateFunction>();

  /** Why the value does not fit the schema at these steps into the document; undefined when it fits. */
  function misfit(steps: readonly string[], value: unknown): string | undefined {
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
    compiled.set(pointer, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
  }

  const stepsOf = ({ path, method }: Operation) => ['paths', path, method.toLowerCase()];

  return {
    operations: operationsOf(document),

    /** Why the document does not allow this reply; undefined when it does. `default` does not count as a listed status. */
    faultOf(operation: Operation, { status, header, text }: Answer): string | undefined {
      const listed = operation.responses[status];
      if (!listed) return `status ${status} is not listed`;
      const missing = Object.entries(listed.headers ?? {}).find(([name, { required }]) => required && !header(name));
      if (missing) return `the header ${missing[0]} is missing`;
      if (!listed.content) return text === '' ? undefined : `status ${status} must have no body`;
      const type = header('content-type')?.split(';')[0] ?? '';
      const types = Object.keys(listed.content);
      // Bytes of any type: the reply names their own.
      if (types.includes('application/octet-stream')) return undefined;
      if (!types.includes(type)) return `content type ${type || 'none'} is not ${types.join(' or ')}`;
      if (!type.endsWith('json')) return undefined;
      const steps = [...stepsOf(operation), 'responses', String(status), 'content', type, 'schema'];
      try {
        return misfit(steps, JSON.parse(text));
      } catch (error) {
        if (error instanceof SyntaxError) return 'the body is not JSON';
        throw error;
      }
    },

    /** Why the document refuses this JSON body of a request; undefined when it allows it. */
    misfitOf(operation: Operation, body: unknown): string | undefined {
      return misfit([...stepsOf(operation), 'requestBody', 'content', 'application/json', 'schema'], body);
    },
  };
}
