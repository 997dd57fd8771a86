import type { LocatedError } from '@meridian/fleet';
import { embeddedText, fieldsOf, listOf, type Shaped } from '../build/shape.ts';
import { fieldSpecShape } from '../build/kustomization-fields.ts';
import type { Place, Profile } from '../build/step.ts';
import { Refusal } from '../refusal.ts';
import type { Gvk } from '../resources/id.ts';
import { plainOf } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';
import { refuseRepeatedKeys } from '../values/repeated-keys.ts';
import * as defaults from './default-fields.ts';
import { defaultReferences } from './default-references.ts';
import {
  addingLooks,
  fieldSpec,
  mergeFieldSpecs,
  type FieldSpec,
  type NameBackReferences,
} from './field-spec.ts';
import { compareGvks } from './gvk-order.ts';

/** The fields that transformers write to (builtinconfig.TransformerConfig); never changed in place. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly labels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  /** Only filled with profile 5.8. */
  readonly volumeClaimTemplateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly varReference: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
  readonly nameReference: readonly NameBackReferences[];
}

/** A configuration that says nothing. */
export const noConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
};

/** A configuration with every part in the order of kinds in which kustomize goes through it. */
export function sortedConfig(config: TransformerConfig): TransformerConfig {
  return {
    ...config,
    ...mapParts((part) => sorted(config[part])),
    nameReference: sorted(config.nameReference),
  };
}

const specParts = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'volumeClaimTemplateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const;
type SpecPart = (typeof specParts)[number];
type SpecParts = Readonly<Record<SpecPart, readonly FieldSpec[]>>;

function mapParts(change: (part: SpecPart) => readonly FieldSpec[]): SpecParts {
  return {
    namePrefix: change('namePrefix'),
    nameSuffix: change('nameSuffix'),
    namespace: change('namespace'),
    commonLabels: change('commonLabels'),
    labels: change('labels'),
    templateLabels: change('templateLabels'),
    volumeClaimTemplateLabels: change('volumeClaimTemplateLabels'),
    commonAnnotations: change('commonAnnotations'),
    varReference: change('varReference'),
    images: change('images'),
    replicas: change('replicas'),
  };
}

function sorted<Item extends Gvk>(items: readonly Item[]): readonly Item[] {
  return items.length < 2 ? items : [...items].sort(compareGvks);
}

const config55 = sortedConfig({
  ...noConfig,
  namePrefix: [fieldSpec('metadata/name')],
  nameSuffix: [fieldSpec('metadata/name')],
  namespace: defaults.namespaces,
  commonLabels: [...defaults.selectorLabels, ...defaults.templateLabels, ...defaults.claimLabels],
  templateLabels: [...defaults.templateLabels, ...defaults.claimLabels],
  commonAnnotations: defaults.annotations,
  varReference: defaults.variables,
  images: defaults.images,
  replicas: defaults.replicas,
  nameReference: defaultReferences,
});
const config58 = sortedConfig({
  ...config55,
  templateLabels: defaults.templateLabels,
  volumeClaimTemplateLabels: defaults.claimLabels,
  images: [...defaults.images, ...defaults.volumeImages],
});

/** What kustomize is configured with when nobody says otherwise; always the same object for a profile. */
export function defaultConfig(profile: Profile): TransformerConfig {
  return profile === '5.5' ? config55 : config58;
}

/**
 * A configuration with another one added. Two field specs that differ in `create` only are refused. One of the two given
 * objects when the other adds nothing (TransformerConfig.Merge).
 */
export function mergeConfigs(
  config: TransformerConfig,
  added: TransformerConfig,
  place: Place,
): TransformerConfig {
  if (added === noConfig || added === config) return config;
  // What kustomize starts with comes out of this as it is. A written configuration does not: a spec for one kind keeps out
  // a later one of the same path for any kind.
  if (isDefault(config, added)) return added;
  const known = merges.get(config)?.get(added);
  if (known) return known;
  const merged = newlyMerged(config, added, place);
  const ofConfig = merges.get(config) ?? new WeakMap<TransformerConfig, TransformerConfig>();
  merges.set(config, ofConfig.set(added, merged));
  return merged;
}

/** What configurations gave together: the same in the next build, which can tell by that what is still true. */
const merges = new WeakMap<TransformerConfig, WeakMap<TransformerConfig, TransformerConfig>>();

function newlyMerged(config: TransformerConfig, added: TransformerConfig, place: Place): TransformerConfig {
  const parts = mapParts((part) => mergeFieldSpecs(config[part], added[part], place));
  const nameReference = mergeReferences(config.nameReference, added.nameReference, place);
  const isSame =
    nameReference === config.nameReference && specParts.every((part) => parts[part] === config[part]);
  return isSame ? config : sortedConfig({ ...parts, nameReference });
}

/** What it takes to add a configuration to another one, each spec held against each, as a number of fields that are looked for. */
export function mergingLooks(config: TransformerConfig, added: TransformerConfig): number {
  if (added === noConfig || added === config) return 0;
  if (isDefault(config, added)) return 0;
  let looks = addingLooks(config.nameReference, added.nameReference);
  for (const part of specParts) looks += addingLooks(config[part], added[part]);
  if (looks === 0) return 0;
  const known = Map.groupBy(config.nameReference, gvkText);
  for (const each of added.nameReference)
    for (const { fieldSpecs } of known.get(gvkText(each)) ?? [])
      looks += addingLooks(fieldSpecs, each.fieldSpecs);
  return looks;
}

function isDefault(config: TransformerConfig, added: TransformerConfig): boolean {
  return config === noConfig && (added === config55 || added === config58);
}

function gvkText({ group, version, kind }: Gvk): string {
  return `${group}/${version}/${kind}`;
}

function mergeReferences(
  references: readonly NameBackReferences[],
  added: readonly NameBackReferences[],
  place: Place,
): readonly NameBackReferences[] {
  if (references === added) return references;
  return added.reduce((merged, each) => mergeReference(merged, each, place), references);
}

function mergeReference(
  references: readonly NameBackReferences[],
  added: NameBackReferences,
  place: Place,
): readonly NameBackReferences[] {
  const isSame = (each: Gvk): boolean =>
    each.group === added.group && each.version === added.version && each.kind === added.kind;
  if (!references.some(isSame)) return [...references, added];
  let isChanged = false;
  const merged = references.map((each) => {
    const fieldSpecs = isSame(each)
      ? mergeFieldSpecs(each.fieldSpecs, added.fieldSpecs, place)
      : each.fieldSpecs;
    if (fieldSpecs === each.fieldSpecs) return each;
    isChanged = true;
    return { ...each, fieldSpecs };
  });
  return isChanged ? merged : references;
}

const specs = listOf(fieldSpecShape);
const shapes = {
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  commonAnnotations: specs,
  varReference: specs,
  images: specs,
  replicas: specs,
  nameReference: listOf(
    fieldsOf({ group: embeddedText, version: embeddedText, kind: embeddedText, fieldSpecs: specs }),
  ),
};
const shape55 = fieldsOf(shapes);
const shape58 = fieldsOf({ ...shapes, volumeClaimTemplateLabels: specs });

/** Reads a file of `configurations`; unknown and repeated fields and values of a wrong type are refused. */
export function readTransformerConfig(content: string, file: string, profile: Profile): TransformerConfig {
  const read = readConfiguration(content, file);
  if ('errors' in read) throw new Refusal(read.errors);
  const [document] = read.documents;
  if (document === undefined || document.value === null) return noConfig;
  // Unlike other configuration this one may not have a key twice.
  refuseRepeatedKeys(content, file);
  const errors: LocatedError[] = [];
  const shape: typeof shape58 | typeof shape55 = profile === '5.5' ? shape55 : shape58;
  const reading = {
    file,
    lineOf: document.lineOf,
    lenient: false,
    textsOfScalars: true,
    unsupported: {},
    errors,
  };
  const fields: Shaped<typeof shape58> | undefined = shape.read(plainOf(document.value), [], reading);
  if (fields === undefined || errors.length > 0) throw new Refusal(errors);
  return sortedConfig({
    ...mapParts((part) => (fields[part] ?? []).map(wholeSpec)),
    nameReference: (fields.nameReference ?? []).map(({ fieldSpecs = [], ...target }) => ({
      ...wholeGvk(target),
      fieldSpecs: fieldSpecs.map(wholeSpec),
    })),
  });
}

/** A field spec with what was left out filled in; `path` and `create` of a kustomization or a plugin config may be absent. */
export function wholeSpec(written: Shaped<typeof fieldSpecShape>): FieldSpec {
  return { ...wholeGvk(written), path: written.path ?? '', create: written.create ?? false };
}

function wholeGvk({ group = '', version = '', kind = '' }: Partial<Gvk>): Gvk {
  return { group, version, kind };
}
