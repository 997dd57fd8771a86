import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import {
  contentOf,
  inside,
  list,
  members,
  message,
  named,
  real,
  sized,
  text,
  truth,
  whole,
} from './wire-writer.ts';
import type { Fields, Part } from './wire-writer.ts';

// The messages of https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto, as far as documents of
// Kubernetes have them. kubectl asks for this form when it checks a List before it sends its items.

/** What the content type of the form is called when it is asked for, and when it is answered. */
export const openApiProtobuf = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  answered: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
} as const;

/** Any value: its YAML, which JSON is too. */
const anything: Part = (number, value) =>
  value === undefined ? Buffer.alloc(0) : sized(number, text(2, JSON.stringify(value)));

/** A message of fields, with its extensions in field `extensions`. */
function extensible(extensions: number, fields: () => Fields): Part {
  return message(fields, (name, value) =>
    name.startsWith('x-') ? named(extensions, name, anything(2, value)) : Buffer.alloc(0),
  );
}

const reference = message(() => ({ $ref: [1, text] }));

const schema: Part = extensible(31, () => schemaFields);
const texts = list(text);
const eitherText: Part = (number, value) => texts(number, Array.isArray(value) ? value : [value ?? '']);
const schemaOrTruth: Part = (number, value) =>
  typeof value === 'boolean' ? inside(2, truth)(number, value) : inside(1, schema)(number, value);

const schemaFields: Fields = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, anything],
  multipleOf: [6, real],
  maximum: [7, real],
  exclusiveMaximum: [8, truth],
  minimum: [9, real],
  exclusiveMinimum: [10, truth],
  maxLength: [11, whole],
  minLength: [12, whole],
  pattern: [13, text],
  maxItems: [14, whole],
  minItems: [15, whole],
  uniqueItems: [16, truth],
  maxProperties: [17, whole],
  minProperties: [18, whole],
  required: [19, texts],
  enum: [20, list(anything)],
  additionalProperties: [21, schemaOrTruth],
  type: [22, inside(1, eitherText)],
  items: [23, inside(1, schema)],
  allOf: [24, list(schema)],
  properties: [25, members(1, schema)],
  discriminator: [26, text],
  readOnly: [27, truth],
  example: [30, anything],
};

const parameters: Readonly<Record<string, Part>> = {
  body: inside(
    1,
    extensible(6, () => ({
      description: [1, text],
      name: [2, text],
      in: [3, text],
      required: [4, truth],
      schema: [5, schema],
    })),
  ),
  query: inside(
    2,
    inside(
      3,
      extensible(23, () => ({
        required: [1, truth],
        in: [2, text],
        description: [3, text],
        name: [4, text],
        type: [6, text],
        format: [7, text],
        uniqueItems: [20, truth],
      })),
    ),
  ),
  path: inside(
    2,
    inside(
      4,
      extensible(22, () => ({
        required: [1, truth],
        in: [2, text],
        description: [3, text],
        name: [4, text],
        type: [5, text],
        format: [6, text],
        uniqueItems: [19, truth],
      })),
    ),
  ),
};

const parameter: Part = (number, value) => {
  const place = isObject(value) && typeof value['in'] === 'string' ? value['in'] : '';
  return parameters[place]?.(number, value) ?? Buffer.alloc(0);
};
const parameterOrReference: Part = (number, value) =>
  isObject(value) && value['$ref'] !== undefined
    ? inside(2, reference)(number, value)
    : inside(1, parameter)(number, value);

const response = extensible(5, () => ({ description: [1, text], schema: [2, inside(1, schema)] }));
const security = list(members(1, inside(1, texts)));

const operation = extensible(13, () => ({
  tags: [1, texts],
  summary: [2, text],
  description: [3, text],
  operationId: [5, text],
  produces: [6, texts],
  consumes: [7, texts],
  parameters: [8, list(parameterOrReference)],
  responses: [9, members(1, inside(1, response))],
  schemes: [10, texts],
  deprecated: [11, truth],
  security: [12, security],
}));

const pathItem = extensible(10, () => ({
  $ref: [1, text],
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  options: [6, operation],
  head: [7, operation],
  patch: [8, operation],
  parameters: [9, list(parameterOrReference)],
}));

const keyInRequest = inside(
  2,
  extensible(5, () => ({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] })),
);

const document: Fields = {
  swagger: [1, text],
  info: [2, extensible(7, () => ({ title: [1, text], version: [2, text], description: [3, text] }))],
  paths: [8, members(2, pathItem)],
  definitions: [9, members(1, schema)],
  parameters: [10, members(1, parameter)],
  security: [12, security],
  securityDefinitions: [13, members(1, keyInRequest)],
};

/** Writes a document of OpenAPI 2 in the form of protobuf that kubectl asks for. */
export function openApiToProtobuf(content: JsonObject): Buffer {
  return contentOf(content, document);
}
