import { serviceLabelProblems } from '@meridian/cel';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { validateMetadata } from '../../kinds/metadata.ts';
import { memberSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';

/** What is wrong with the objects of the API inside of a value: their version, kind and metadata. */
export function embeddedErrors(value: Json, schema: CustomSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => embeddedErrors(item, schema.items, `${path}[${String(index)}]`));
  }
  if (!isObject(value)) return [];
  const members = Object.entries(value).flatMap(([name, member]) =>
    embeddedErrors(member ?? null, memberSchema(schema, name), memberPath(schema, path, name)),
  );
  return schema.isResource ? [...resourceErrors(value, path), ...members] : members;
}

function memberPath(schema: CustomSchema, path: string, name: string): string {
  if (!schema.properties.has(name)) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function resourceErrors(object: JsonObject, path: string): FieldError[] {
  const { apiVersion, kind } = object;
  return [
    ...(apiVersion === undefined ? [required(`${path}.apiVersion`)] : []),
    ...(kind === undefined ? [required(`${path}.kind`)] : []),
    ...(typeof apiVersion === 'string' ? versionErrors(apiVersion, `${path}.apiVersion`) : []),
    ...(typeof kind === 'string' ? kindErrors(kind, `${path}.kind`) : []),
    ...metadataErrors(object, path),
  ];
}

function versionErrors(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === '') return [invalid(path, apiVersion, 'must not be empty')];
  return apiVersion.split('/').length > 2
    ? [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
    : [];
}

function kindErrors(kind: string, path: string): FieldError[] {
  if (kind === '') return [invalid(path, kind, 'must not be empty')];
  const problems = serviceLabelProblems(kind.toLowerCase());
  if (problems.length === 0) return [];
  const words = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
  return [invalid(path, kind, words)];
}

/** Metadata without a name is let pass. */
function metadataErrors({ metadata }: JsonObject, path: string): FieldError[] {
  if (!isObject(metadata)) return [];
  const { name } = metadata;
  const named = typeof name === 'string' && name !== '' ? metadata : { ...metadata, name: 'fakename' };
  const isNamespaced = typeof metadata['namespace'] === 'string' && metadata['namespace'] !== '';
  const object = { apiVersion: '', kind: '', metadata: named };
  return validateMetadata(object, 'path-segment', isNamespaced).map((error) => ({
    ...error,
    field: `${path}.${error.field}`,
  }));
}
