import { chartGlobalsShape, chartShape } from '../charts/chart-fields.ts';
import {
  anything,
  count,
  embedded,
  embeddedText,
  fieldsOf,
  flag,
  listOf,
  mapOf,
  text,
  textMap,
  type Shaped,
} from './shape.ts';

/** Which kind of object; Go embeds these fields in the structs that have them. */
const gvk = { group: embeddedText, version: embeddedText, kind: embeddedText };
const resourceId = { ...gvk, name: embeddedText, namespace: embeddedText };

const fieldSpec = fieldsOf({ ...gvk, path: text, create: flag });

/** Which objects a patch or a replacement is for (api/types/selector.go). */
export const selectorShape = fieldsOf({
  ...resourceId,
  labelSelector: text,
  annotationSelector: text,
});

const embeddedMap = mapOf(embeddedText);

const generatorOptions = fieldsOf({
  labels: embeddedMap,
  annotations: embeddedMap,
  disableNameSuffixHash: flag,
  immutable: flag,
});

const generator = {
  name: embeddedText,
  namespace: embeddedText,
  behavior: embeddedText,
  literals: listOf(embeddedText),
  files: listOf(embeddedText),
  envs: listOf(embeddedText),
  env: embeddedText,
  options: generatorOptions,
};

/** What a ConfigMap is generated from (api/types/configmapargs.go). */
export const configMapShape = fieldsOf(generator);
/** What a Secret is generated from (api/types/secretargs.go). */
export const secretShape = fieldsOf({ ...generator, type: embeddedText });

/** One entry of `patches` and `patchesJson6902` (api/types/patch.go). */
export const patchShape = fieldsOf({ path: text, patch: text, target: selectorShape, options: mapOf(flag) });

const fieldOptions = fieldsOf({ delimiter: text, index: count, encoding: text, create: flag });

const replacement = {
  source: fieldsOf({
    ...resourceId,
    fieldPath: text,
    options: fieldOptions,
  }),
  sourceValue: text,
  targets: listOf(
    fieldsOf({
      select: selectorShape,
      reject: listOf(selectorShape),
      fieldPaths: listOf(text),
      options: fieldOptions,
    }),
  ),
};

/** A replacement in a file of its own (api/types/replacement.go). */
export const replacementShape = fieldsOf(replacement);
/** One entry of `replacements`: a replacement, or the path of a file that holds some. */
export const replacementFieldShape = fieldsOf({
  source: embedded(replacement.source),
  sourceValue: embeddedText,
  targets: embedded(replacement.targets),
  path: text,
});

/** One entry of `images` (api/types/image.go). */
export const imageShape = fieldsOf({
  name: text,
  newName: text,
  newTag: text,
  tagSuffix: text,
  digest: text,
});
/** One entry of `replicas` (api/types/replica.go). */
export const replicaShape = fieldsOf({ name: text, count });
/** A place that a transformer writes to (api/types/fieldspec.go). */
export const fieldSpecShape = fieldSpec;

const label = fieldsOf({
  pairs: textMap,
  includeSelectors: flag,
  includeTemplates: flag,
  includeVolumeClaimTemplates: flag,
  fields: listOf(fieldSpec),
});

const variable = fieldsOf({
  name: text,
  objref: fieldsOf({ apiVersion: text, group: text, version: text, kind: text, name: text, namespace: text }),
  fieldref: fieldsOf({ fieldPath: text }),
});

/** How a kustomization is sorted (api/types/sortoptions.go). */
export const sortOptionsShape = fieldsOf({
  order: text,
  legacySortOptions: fieldsOf({ orderFirst: listOf(text), orderLast: listOf(text) }),
});

/** Everything that a kustomization file may say (api/types/kustomization.go). */
export const kustomizationShape = fieldsOf({
  apiVersion: text,
  kind: text,
  metadata: fieldsOf({ name: text, namespace: text, labels: textMap, annotations: textMap }),
  openapi: textMap,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: textMap,
  labels: listOf(label),
  commonAnnotations: textMap,
  patchesStrategicMerge: listOf(text),
  patchesJson6902: listOf(patchShape),
  patches: listOf(patchShape),
  images: listOf(imageShape),
  imageTags: listOf(imageShape),
  replacements: listOf(replacementFieldShape),
  replicas: listOf(replicaShape),
  vars: listOf(variable),
  sortOptions: sortOptionsShape,
  resources: listOf(text),
  components: listOf(text),
  crds: listOf(text),
  bases: listOf(text),
  configMapGenerator: listOf(configMapShape),
  secretGenerator: listOf(secretShape),
  helmGlobals: chartGlobalsShape,
  helmCharts: listOf(chartShape),
  helmChartInflationGenerator: listOf(anything),
  generatorOptions,
  configurations: listOf(text),
  generators: listOf(text),
  transformers: listOf(text),
  validators: listOf(text),
  buildMetadata: listOf(text),
});

/** The fields of a kustomization. */
export type KustomizationFields = Shaped<typeof kustomizationShape>;
/** One entry of `labels`. */
export type LabelFields = Shaped<typeof label>;
/** One entry of `vars`. */
export type VarFields = Shaped<typeof variable>;
/** One entry of `configMapGenerator` or `secretGenerator`. */
export type GeneratorFields = Shaped<typeof secretShape>;
/** Options of generated objects. */
export type GeneratorOptionFields = Shaped<typeof generatorOptions>;
/** One entry of `patches`. */
export type PatchFields = Shaped<typeof patchShape>;
/** One entry of `replacements`. */
export type ReplacementFields = Shaped<typeof replacementFieldShape>;
/** One target of a replacement. */
export type ReplacementTargetFields = NonNullable<ReplacementFields['targets']>[number];
/** A selector of a patch or a replacement. */
export type SelectorFields = Shaped<typeof selectorShape>;
/** How a replacement cuts text. */
export type FieldOptionFields = Shaped<typeof fieldOptions>;
