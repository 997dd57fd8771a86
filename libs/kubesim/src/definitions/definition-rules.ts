import { invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, jsonEqual, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { keepAllButStatus, keepStatus } from '../kinds/generic-rules.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { fill } from '../schema/set-defaults.ts';
import { approvalErrors } from './approval.ts';
import { beginDeletion } from './begin-deletion.ts';
import { bundleProblem } from './ca-bundle.ts';
import { isTrue } from './conditions.ts';
import { unknownFormats } from './formats.ts';
import { internalSpec, nameOf, textsIn, versionsOf } from './internal-spec.ts';
import { nameErrors } from './name-errors.ts';
import { specErrors } from './spec-errors.ts';

/** Rules of custom resource definitions (apiextensions-apiserver, pkg/registry/customresourcedefinition). */
export const definitionRules: KindRules = {
  name: 'dns-subdomain',
  finalizers: 'any',
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: false,
  setDefaults: setDefinitionDefaults,
  prepareForCreate(draft) {
    draft['status'] = {};
    draft.metadata.generation = 1;
    rememberStored(draft);
  },
  validateCreate: (definition) => [
    ...ownNameErrors(definition),
    ...specErrors(internalSpec(definition), { readsBundle: false, kept: new Set() }),
    ...statusErrors(definition),
    ...approvalErrors(definition),
    ...unpruned(definition),
  ],
  prepareForUpdate(draft, old) {
    keepStatus(draft, old);
    rememberStored(draft);
    const same = jsonEqual(draft['spec'], old['spec']);
    draft.metadata.generation = (old.metadata.generation ?? 0) + (same ? 0 : 1);
  },
  validateUpdate: (definition, old) => [
    ...specErrors(internalSpec(definition), {
      readsBundle: readsBundle(old),
      kept: keptSchemas(definition, old),
    }),
    ...changeErrors(definition, old),
    ...statusErrors(definition),
    ...approvalErrors(definition, old),
    ...unpruned(definition),
  ],
  warnings: (definition, old) => unknownFormats(definition, old),
  status: {
    prepareForUpdate: keepAllButStatus,
    validateUpdate: (definition) => nameErrors(objectAt(definition, 'status', 'acceptedNames'), acceptedPath),
  },
  resetFields: { '': ['status'], status: ['spec'] },
  beginDeletion,
};

const acceptedPath = 'status.acceptedNames';

function setDefinitionDefaults(draft: KubeObject): void {
  const spec = objectAt(draft, 'spec');
  if (spec === undefined) return;
  const names = objectAt(spec, 'names') ?? {};
  const kind = textAt(names, 'kind') ?? '';
  if (kind !== '') fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
  fill(spec, { conversion: { strategy: 'None' } });
  const service = objectAt(spec, 'conversion', 'webhook', 'clientConfig', 'service');
  if (service !== undefined) fill(service, { port: 443 });
  const status = isObject(draft['status']) ? draft['status'] : {};
  if (itemsAt(status, 'storedVersions').length === 0) rememberStored(draft);
}

/** Versions in which objects may have been stored stay known. */
function rememberStored(draft: KubeObject): void {
  const version = versionsOf(draft['spec']).find(({ storage }) => storage === true)?.['name'];
  const status: JsonObject = isObject(draft['status']) ? draft['status'] : {};
  const known = itemsAt(status, 'storedVersions');
  if (version === undefined || known.includes(version)) return;
  draft['status'] = { ...status, storedVersions: [...known, version] };
}

/** A definition is called after what it defines. */
function ownNameErrors({ metadata, spec }: KubeObject): FieldError[] {
  const wanted = `${textAt(spec, 'names', 'plural') ?? ''}.${textAt(spec, 'group') ?? ''}`;
  return (['generateName', 'name'] as const).flatMap((field) => {
    const given = metadata[field] ?? '';
    const words = 'must be spec.names.plural+"."+spec.group';
    return given === '' || given === wanted ? [] : [invalid(`metadata.${field}`, given, words)];
  });
}

function statusErrors(definition: KubeObject): FieldError[] {
  return [
    ...nameErrors(objectAt(definition, 'status', 'acceptedNames'), acceptedPath),
    ...storedErrors(definition),
  ];
}

function storedErrors({ status, spec }: KubeObject): FieldError[] {
  const path = 'status.storedVersions';
  const stored = textsIn(itemsAt(status, 'storedVersions'));
  if (stored.length === 0) return [invalid(path, null, 'must have at least one stored version')];
  const versions = versionsOf(spec);
  const names = versions.map(nameOf);
  const missing = versions.filter(({ storage }) => storage === true).map(nameOf);
  return [
    ...missing
      .filter((name) => !stored.includes(name))
      .map((name) => invalid(path, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((version, index) =>
      names.includes(version) ? [] : [invalid(`${path}[${String(index)}]`, version, lostWords(version))],
    ),
  ];
}

function lostWords(version: string): string {
  return (
    `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a ` +
    `storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`
  );
}

/** What objects are stored by may not change any more once there can be some. */
function changeErrors(definition: KubeObject, old: KubeObject): FieldError[] {
  const fixed = [['group'], ['names', 'plural']];
  const onceEstablished = isTrue(old, 'Established') ? [['scope'], ['names', 'kind']] : [];
  return [...onceEstablished, ...fixed].flatMap((field) => {
    const given = textAt(definition, 'spec', ...field) ?? '';
    if (given === (textAt(old, 'spec', ...field) ?? '')) return [];
    return [invalid(`spec.${field.join('.')}`, given, 'field is immutable')];
  });
}

/** Versions whose schemas did not change. */
function keptSchemas({ spec }: KubeObject, old: KubeObject): ReadonlySet<string> {
  const before = new Map(versionsOf(old['spec']).map((version) => [nameOf(version), version]));
  const kept = versionsOf(spec).filter((version) => {
    const earlier = before.get(nameOf(version));
    return earlier !== undefined && jsonEqual(version['schema'], earlier['schema']);
  });
  return new Set(kept.map(nameOf));
}

/** A bundle of certificates must be readable from the time on when it was so. */
function readsBundle(old: KubeObject): boolean {
  const bundle = textAt(old, 'spec', 'conversion', 'webhook', 'clientConfig', 'caBundle') ?? '';
  if (!isTrue(old, 'Established')) return false;
  return bundle === '' || bundleProblem(bundle) === undefined;
}

function unpruned({ spec }: KubeObject): FieldError[] {
  if (!isObject(spec) || spec['preserveUnknownFields'] !== true) return [];
  const words =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid('spec.preserveUnknownFields', true, words)];
}
