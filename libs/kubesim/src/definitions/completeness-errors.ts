import { required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { itemSchema, propertiesOf, schemasOf } from './schema-walk.ts';

/** The structural part of a schema with its path; no schema where it says nothing. */
interface Structure {
  readonly schema: JsonObject | undefined;
  readonly path: string;
}

/** Values that are limited inside of `allOf`, `anyOf`, `oneOf` or `not` and have no type outside of it. */
export function completenessErrors(schema: JsonObject, path: string): FieldError[] {
  return limitsOf(schema, { schema, path }, path);
}

function limitsOf(limits: JsonObject, structure: Structure, path: string): FieldError[] {
  const not = objectAt(limits, 'not');
  return [
    ...(not === undefined ? [] : nested(not, structure, `${path}.not`)),
    ...(['allOf', 'anyOf', 'oneOf'] as const)
      .flatMap((name) => schemasOf(limits, name, path))
      .flatMap(([one, at]) => nested(one, structure, at)),
  ];
}

function nested(limits: JsonObject, structure: Structure, path: string): FieldError[] {
  const { schema } = structure;
  if (schema === undefined) return [required(structure.path, `because it is defined in ${path}`)];
  const items = itemSchema(limits);
  return [
    ...limitsOf(limits, structure, path),
    ...(items === undefined
      ? []
      : nested(items, { schema: itemSchema(schema), path: `${structure.path}.items` }, `${path}.items`)),
    ...propertiesOf(limits).flatMap(([name, property]) =>
      nested(
        property,
        {
          schema: objectAt(schema, 'properties', name),
          path: `${structure.path}.properties[${name}]`,
        },
        `${path}.properties[${name}]`,
      ),
    ),
  ];
}
