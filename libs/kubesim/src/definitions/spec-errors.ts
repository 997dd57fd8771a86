import { subdomainProblems } from '@meridian/cel';
import { forbidden, GoText, invalid, notSupported, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { defaultErrors } from './default-errors.ts';
import { goVersions } from './go-form.ts';
import { nameOf, schemaAt, versionsOf } from './internal-spec.ts';
import { mustBeLabel, nameErrors } from './name-errors.ts';
import { rootErrors, schemaErrors } from './schema-errors.ts';
import { everySchema } from './schema-walk.ts';
import { selectableErrors } from './selectable-errors.ts';
import { structuralErrors } from './structural-errors.ts';
import { unstructuralBecause } from './unstructural.ts';
import { columnErrors, columnsOf, subresourceErrors, warningErrors } from './version-errors.ts';
import { conversionErrors } from './webhook-errors.ts';

/** What the checks of a spec depend on besides it. */
export interface SpecCheck {
  /** Whether a bundle of certificates must be readable. */
  readonly readsBundle: boolean;
  /** Versions whose schemas are as they were before, so that the cost of their rules is not looked at again. */
  readonly kept: ReadonlySet<string>;
}

/** What is wrong with the internal spec of a definition. */
export function specErrors(spec: JsonObject, { readsBundle, kept }: SpecCheck): FieldError[] {
  const versions = versionsOf(spec);
  const [first] = versions;
  return [
    ...groupErrors(textAt(spec, 'group') ?? ''),
    ...scopeErrors(textAt(spec, 'scope') ?? ''),
    ...missingSchemas(spec, versions),
    ...unprunedErrors(spec, versions),
    ...versions.flatMap((version, index) =>
      oneVersion(version, spec, { path: `spec.versions[${String(index)}]`, kept }),
    ),
    ...mixedErrors(spec, versions),
    ...amongVersions(versions),
    ...neededNames(spec),
    ...nameErrors(spec['names'], 'spec.names'),
    ...validationErrors(objectAt(spec, 'validation'), {
      path: 'spec.validation',
      hasStatus: hasAnyStatus(spec, versions),
      holdsToBudget: first === undefined || !kept.has(nameOf(first)),
    }),
    ...subresourceErrors(spec['subresources'], 'spec.subresources'),
    ...columnErrors(columnsOf(spec), 'spec.additionalPrinterColumns'),
    ...sharedSelectable(spec),
    ...unprunedConversion(spec),
    ...conversionErrors(spec, 'spec.conversion', readsBundle),
  ];
}

/** Defaults need unknown fields to go. */
function unprunedErrors(spec: JsonObject, versions: readonly JsonObject[]): FieldError[] {
  if (spec['preserveUnknownFields'] !== true) return [];
  const schemas = [schemaAt(spec, 'validation'), ...versions.map((version) => schemaAt(version, 'schema'))];
  const hasDefaults = schemas.some(
    (schema) => schema !== undefined && everySchema(schema).some((one) => one['default'] !== undefined),
  );
  const words = 'must be false in order to use defaults in the schema';
  return hasDefaults ? [invalid('spec.preserveUnknownFields', true, words)] : [];
}

function unprunedConversion(spec: JsonObject): FieldError[] {
  const strategy = textAt(spec, 'conversion', 'strategy') ?? 'None';
  if (spec['preserveUnknownFields'] !== true || strategy === 'None') return [];
  const words = 'must be None if spec.preserveUnknownFields is true';
  return [invalid('spec.conversion.strategy', strategy, words)];
}

function groupErrors(group: string): FieldError[] {
  const path = 'spec.group';
  if (group === '') return [required(path)];
  const problems = subdomainProblems(group);
  if (problems.length > 0) return [invalid(path, group, problems.join(','))];
  return group.includes('.') ? [] : [invalid(path, group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === '') return [required('spec.scope')];
  const known = ['Cluster', 'Namespaced'];
  return known.includes(scope) ? [] : [notSupported('spec.scope', scope, known)];
}

function missingSchemas(spec: JsonObject, versions: readonly JsonObject[]): FieldError[] {
  if (schemaAt(spec, 'validation') !== undefined) return [];
  return versions.flatMap((version, index) =>
    schemaAt(version, 'schema') === undefined
      ? [required(`spec.versions[${String(index)}].schema.openAPIV3Schema`)]
      : [],
  );
}

function oneVersion(
  version: JsonObject,
  spec: JsonObject,
  { path, kept }: { readonly path: string; readonly kept: ReadonlySet<string> },
): FieldError[] {
  const subresources = version['subresources'] ?? spec['subresources'];
  const schema = schemaAt(version, 'schema');
  const hasStatus = objectAt(subresources, 'status') !== undefined;
  return [
    ...mustBeLabel(textAt(version, 'name') ?? '', `${path}.name`),
    ...warningErrors(version, path),
    ...validationErrors(objectAt(version, 'schema'), {
      path: `${path}.schema`,
      hasStatus,
      holdsToBudget: !kept.has(nameOf(version)),
    }),
    ...subresourceErrors(version['subresources'], `${path}.subresources`),
    ...columnErrors(columnsOf(version), `${path}.additionalPrinterColumns`),
    ...(schema !== undefined
      ? selectableErrors(version, schema, `${path}.selectableFields`)
      : withoutSchema(version, path)),
  ];
}

/** The words say the opposite of what they mean in the real server too. */
function withoutSchema(version: JsonObject, path: string): FieldError[] {
  if (version['selectableFields'] === undefined) return [];
  const words = 'may only be set when `version.schema.openAPIV3Schema` is not included';
  return [invalid(`${path}.selectableFields`, '', words)];
}

function sharedSelectable(spec: JsonObject): FieldError[] {
  const path = 'spec.selectableFields';
  if (spec['selectableFields'] === undefined) return [];
  const schema = schemaAt(spec, 'validation');
  if (schema !== undefined) return selectableErrors(spec, schema, path);
  return [invalid(path, '', 'may only be set when validations.schema is included')];
}

/** What all versions say alike has moved to the spec, so only a spec that was stored by an older server has both. */
function mixedErrors(spec: JsonObject, versions: readonly JsonObject[]): FieldError[] {
  const both = [
    ['validation', 'schema', 'schemas'],
    ['subresources', 'subresources', 'subresources'],
    ['additionalPrinterColumns', 'additionalPrinterColumns', 'additionalPrinterColumns'],
  ] as const;
  return both.flatMap(([field, ofVersion, words]) =>
    spec[field] !== undefined && versions.some((version) => version[ofVersion] !== undefined)
      ? [forbidden(`spec.${field}`, `top-level and per-version ${words} are mutually exclusive`)]
      : [],
  );
}

function amongVersions(versions: readonly JsonObject[]): FieldError[] {
  const names = versions.map((version) => version['name']);
  const stored = versions.filter((version) => version['storage'] === true);
  const wrong = (words: string) => [invalid('spec.versions', new GoText(goVersions(versions)), words)];
  const [first] = versions;
  return [
    ...(new Set(names).size < names.length ? wrong('must contain unique version names') : []),
    ...(stored.length === 1 ? [] : wrong('must have exactly one version marked as storage version')),
    ...(first === undefined || nameOf(first) === '' ? [] : mustBeLabel(nameOf(first), 'spec.version')),
  ];
}

function neededNames(spec: JsonObject): FieldError[] {
  return ['plural', 'singular', 'kind', 'listKind'].flatMap((name) =>
    (textAt(spec, 'names', name) ?? '') === '' ? [required(`spec.names.${name}`)] : [],
  );
}

function hasAnyStatus(spec: JsonObject, versions: readonly JsonObject[]): boolean {
  return [spec, ...versions].some((holder) => objectAt(holder, 'subresources', 'status') !== undefined);
}

/** What is wrong with the schema of a version or of the whole spec: its root, its structure, its defaults, all the rest. */
function validationErrors(
  validation: JsonObject | undefined,
  {
    path,
    hasStatus,
    holdsToBudget,
  }: { readonly path: string; readonly hasStatus: boolean; readonly holdsToBudget: boolean },
): FieldError[] {
  const schema = validation?.['openAPIV3Schema'];
  if (!isObject(schema)) return [];
  const at = `${path}.openAPIV3Schema`;
  const unstructural = unstructuralBecause(schema);
  const structure = unstructural === undefined ? structureErrors(schema, at) : [];
  const isStructural = unstructural === undefined && structure.length === 0;
  const errors = [
    ...rootErrors(schema, at, hasStatus),
    ...structure,
    ...schemaErrors(schema, at, { compiles: isStructural, holdsToBudget }),
  ];
  return errors.length === 0 && unstructural !== undefined ? [invalid(at, '', unstructural)] : errors;
}

/** Defaults are looked at only when values have types at all. */
function structureErrors(schema: JsonObject, path: string): FieldError[] {
  const errors = structuralErrors(schema, path);
  return errors.length > 0 ? errors : defaultErrors(schema, path);
}
