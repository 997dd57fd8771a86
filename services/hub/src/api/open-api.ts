import { z } from 'zod';
import type { Fields, Route } from './route.ts';
import { errorSchema } from './schemas.ts';

type JsonObject = { readonly [key: string]: unknown };

/** The OpenAPI 3.1 description of the routes, made from the schemas that the server itself parses with. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Meridian fleet API',
      version,
      description: 'Any hub replica answers. Every request carries a token: `Authorization: Bearer TOKEN`.',
    },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

function operationOf(route: Route): JsonObject {
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  const media = route.stream ? 'text/event-stream' : 'application/json';
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }
      : {}),
    responses: {
      [route.status]: {
        description: 'well',
        content: { [media]: { schema: schemaOf(route.answer, 'output') } },
      },
      default: {
        description: 'not well: why, and what to do',
        content: { 'application/json': { schema: schemaOf(errorSchema, 'output') } },
      },
    },
  };
}

/** `GET /v1/applications/{name}/render` gives `getApplicationsNameRender`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replace('/v1/', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return (
    method.toLowerCase() + words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join('')
  );
}

function parametersOf(schema: Fields | undefined, place: 'path' | 'query'): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !field.safeParse(undefined).success,
    schema: schemaOf(field, 'input'),
  }));
}

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
