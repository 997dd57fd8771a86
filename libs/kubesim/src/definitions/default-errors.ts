import { ruleFindings } from '../custom/cel/rule-errors.ts';
import { readCustomSchema } from '../custom/custom-schema.ts';
import type { CustomSchema } from '../custom/custom-schema.ts';
import { metadataType } from '../custom/custom-version.ts';
import { coerceResources } from '../custom/metadata-of-custom.ts';
import { pruneValue } from '../custom/prune-custom.ts';
import { checkValue } from '../custom/values/check-value.ts';
import { embeddedErrors } from '../custom/values/embedded-errors.ts';
import { noField } from '../custom/values/finding.ts';
import { invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { draftOf, jsonEqual } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { itemSchema, propertiesOf } from './schema-walk.ts';

/** What is wrong with the defaults of a structural schema: each must be a value that its schema takes, as it stands. */
export function defaultErrors(schema: JsonObject, path: string): FieldError[] {
  return within({ ...schema, [embedded]: true }, path, false);
}

const embedded = 'x-kubernetes-embedded-resource';

/** Defaults inside of `additionalProperties` are forbidden elsewhere. */
function within(schema: JsonObject, path: string, insideMeta: boolean): FieldError[] {
  const { default: value } = schema;
  const items = itemSchema(schema);
  const isResource = schema[embedded] === true;
  const isMeta = insideMeta && !isResource;
  return [
    ...(value === undefined || value === null
      ? []
      : oneDefault(value, schema, { path: `${path}.default`, isMeta })),
    ...(items === undefined ? [] : within(items, `${path}.items`, isMeta)),
    ...propertiesOf(schema).flatMap(([name, property]) => {
      const startsMeta = isResource && ['metadata', 'apiVersion', 'kind'].includes(name);
      return within(property, `${path}.properties[${name}]`, isMeta || startsMeta);
    }),
  ];
}

function oneDefault(
  value: Json,
  given: JsonObject,
  { path, isMeta }: { readonly path: string; readonly isMeta: boolean },
): FieldError[] {
  const schema = readCustomSchema(given);
  if (isMeta) return valueErrors(value, schema, path);
  const draft = draftOf(value);
  pruneValue(draft, schema, { path: '', taken: [] });
  const unknown = jsonEqual(draft, value) ? [] : [invalid(path, value, 'must not have unknown fields')];
  const { refusal } = coerceResources(draftOf(value), schema, metadataType());
  if (refusal !== undefined) {
    return [...unknown, invalid(`${path}.${refusal.field}`, refusal.value, refusal.message)];
  }
  const ofResources = embeddedErrors(value, schema, path);
  return [...unknown, ...(ofResources.length > 0 ? ofResources : valueErrors(value, schema, path))];
}

function valueErrors(value: Json, schema: CustomSchema, path: string): FieldError[] {
  const { findings } = checkValue(value, schema, { path: '', correlation: undefined });
  const errors = findings.length > 0 ? findings.map(({ error }) => error) : brokenRules(value, schema);
  return errors.map((error) => ({
    ...error,
    field: error.field === noField || error.field === '' ? path : `${path}.${error.field}`,
  }));
}

/** A default must fulfil the rules both as what is kept and as what is new. */
function brokenRules(value: Json, schema: CustomSchema): readonly FieldError[] {
  const kept = ruleFindings(value, value, { schema, correlation: undefined }).errors;
  return kept.length > 0 ? kept : ruleFindings(value, undefined, { schema, correlation: undefined }).errors;
}
