// What route definitions say about bodies: one way for JSON, one for forms, one for a `Location` header.
import { z } from '@hono/zod-openapi';

type Schema = z.ZodType;

/** JSON content of this schema. */
export const json = <S extends Schema>(schema: S) => ({ content: { 'application/json': { schema } } });

/** A request body of JSON. */
export const jsonBody = <S extends Schema>(schema: S) => ({ required: true as const, ...json(schema) });

/** A request body that may be left out. */
export const optionalJsonBody = <S extends Schema>(schema: S) => ({ required: false as const, ...json(schema) });

/** A request body that is a form with files. */
export const formBody = <S extends Schema>(schema: S) => ({
  required: true as const,
  content: { 'multipart/form-data': { schema } },
});

/** A reply of JSON. */
export const jsonReply = <S extends Schema>(description: string, schema: S) => ({ description, ...json(schema) });

/** A reply of JSON whose `Location` header names what was made. */
export const locatedReply = <S extends Schema>(description: string, schema: S) => ({
  ...jsonReply(description, schema),
  headers: z.object({ location: z.string() }),
});

/** Bytes of any type. */
export const binary = { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } };
