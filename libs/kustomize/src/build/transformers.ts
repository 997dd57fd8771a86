import type { TransformerConfig } from '../config/transformer-config.ts';
import { jsonPatchReaches, patchReaches, strategicMergesReach } from '../merge/patch-reach.ts';
import { applyJsonPatches, applyPatches, applyStrategicMerges } from '../merge/patches.ts';
import type { OriginNote } from '../resources/resource.ts';
import { applyPrefix, applySuffix } from '../transforms/affixes.ts';
import { applyAnnotations, applyLabels } from '../transforms/entries.ts';
import { specsReach, type FieldWay } from '../transforms/field-way.ts';
import { applyImages, imagesReach } from '../transforms/images.ts';
import { applyNamespace, namespaceReaches } from '../transforms/namespace.ts';
import { applyReplacements } from '../transforms/replacements.ts';
import { applyReplicas } from '../transforms/replicas.ts';
import { imageTagOf } from './image-tag.ts';
import { labelSpecs } from './label-specs.ts';
import { transformerOf } from './plugin-transformers.ts';
import { builtInNote, pluginsIn } from './plugins.ts';
import { replacementsOf } from './replacement-files.ts';
import type { Place, Resources, Step } from './step.ts';
import type { Target } from './target.ts';

/** Something that changes the objects of a target. */
export interface Transformer {
  readonly kind: string;
  readonly place: Place;
  readonly by: OriginNote | undefined;
  readonly run: (resources: Resources) => Resources;
}

/** One for which what becomes of an object depends on nothing else of the others than their ids. */
export interface PerObjectTransformer extends Transformer {
  /** Whether it may read or change one of some fields of any object; those that it does not reach it only passes on. */
  readonly reaches: (ways: readonly FieldWay[]) => boolean;
}

/**
 * The transformers of a target that work object by object, in the order in which they run (kusttarget_configplugin.go): those of
 * all fields but the last one.
 */
export function perObjectTransformersOf(
  target: Target,
  config: TransformerConfig,
): readonly PerObjectTransformer[] {
  return [
    ...merges(target),
    ...names(target, config),
    ...entries(target, config),
    ...jsonPatches(target),
    ...counts(target, config),
  ];
}

/** The transformers that run after them: replacements, then plugins. */
export function laterTransformersOf(target: Target): readonly Transformer[] {
  return [
    ...replacing(target),
    ...pluginsIn(target, 'transformers').map((plugin) => transformerOf(target, plugin)),
  ];
}

interface Wanted {
  readonly kind: string;
  readonly path: readonly (string | number)[];
  readonly run: (resources: Resources, step: Step) => Resources;
}

interface WantedPerObject extends Wanted {
  readonly reaches: (ways: readonly FieldWay[], step: Step) => boolean;
}

function wanted(target: Target, { reaches, ...entry }: WantedPerObject): PerObjectTransformer {
  const { step, ...transformer } = withStep(target, entry);
  return { ...transformer, reaches: (ways) => reaches(ways, step) };
}

function withStep(target: Target, { kind, path, run }: Wanted): Transformer & { readonly step: Step } {
  const place = target.kustomization.at(...path);
  const step = target.building.step(target.loader, place);
  const by = builtInNote(target, kind);
  return { kind, place, by, step, run: (resources) => run(resources, step) };
}

function merges(target: Target): PerObjectTransformer[] {
  const { patchesStrategicMerge: paths = [], patches = [] } = target.kustomization.fields;
  const all: WantedPerObject[] = patches.map((patch, index) => ({
    kind: 'PatchTransformer',
    path: ['patches', index],
    run: (resources, step) => applyPatches(resources, patch, step),
    reaches: (ways, step) => patchReaches(ways, patch, step),
  }));
  if (paths.length > 0)
    all.unshift({
      kind: 'PatchStrategicMergeTransformer',
      path: ['patchesStrategicMerge'],
      run: (resources, step) => applyStrategicMerges(resources, { paths }, step),
      reaches: (ways, step) => strategicMergesReach(ways, { paths }, step),
    });
  return all.map((each) => wanted(target, each));
}

function names(target: Target, config: TransformerConfig): PerObjectTransformer[] {
  const { namespace = '', namePrefix: prefix = '', nameSuffix: suffix = '' } = target.kustomization.fields;
  const all: WantedPerObject[] = [];
  if (namespace !== '')
    all.push({
      kind: 'NamespaceTransformer',
      path: ['namespace'],
      run: (resources, step) => applyNamespace(resources, { namespace, fieldSpecs: config.namespace }, step),
      reaches: (ways) => namespaceReaches(ways, config.namespace),
    });
  if (prefix !== '')
    all.push({
      kind: 'PrefixTransformer',
      path: ['namePrefix'],
      run: (resources, step) => applyPrefix(resources, { prefix, fieldSpecs: config.namePrefix }, step),
      reaches: (ways) => specsReach(ways, config.namePrefix),
    });
  if (suffix !== '')
    all.push({
      kind: 'SuffixTransformer',
      path: ['nameSuffix'],
      run: (resources, step) => applySuffix(resources, { suffix, fieldSpecs: config.nameSuffix }, step),
      reaches: (ways) => specsReach(ways, config.nameSuffix),
    });
  return all.map((each) => wanted(target, each));
}

function entries(target: Target, config: TransformerConfig): PerObjectTransformer[] {
  const { labels = [], commonLabels, commonAnnotations } = target.kustomization.fields;
  const all: WantedPerObject[] = labels.map((label, index) => ({
    kind: 'LabelTransformer',
    path: ['labels', index],
    run: (resources, step) =>
      applyLabels(
        resources,
        { labels: label.pairs ?? {}, fieldSpecs: labelSpecs(label, config, step) },
        step,
      ),
    reaches: (ways, step) => specsReach(ways, labelSpecs(label, config, step)),
  }));
  // With any labels at all kustomize runs the transformer of commonLabels, too, which its annotations of origin show.
  if (labels.length > 0 || Object.keys(commonLabels ?? {}).length > 0)
    all.push({
      kind: 'LabelTransformer',
      path: ['commonLabels'],
      run: (resources, step) =>
        applyLabels(resources, { labels: commonLabels ?? {}, fieldSpecs: config.commonLabels }, step),
      reaches: (ways) => specsReach(ways, config.commonLabels),
    });
  if (Object.keys(commonAnnotations ?? {}).length > 0)
    all.push({
      kind: 'AnnotationsTransformer',
      path: ['commonAnnotations'],
      run: (resources, step) =>
        applyAnnotations(
          resources,
          { annotations: commonAnnotations ?? {}, fieldSpecs: config.commonAnnotations },
          step,
        ),
      reaches: (ways) => specsReach(ways, config.commonAnnotations),
    });
  return all.map((each) => wanted(target, each));
}

function jsonPatches(target: Target): PerObjectTransformer[] {
  const { patchesJson6902 = [] } = target.kustomization.fields;
  return patchesJson6902.map(({ target: selector, path, patch }, index) =>
    wanted(target, {
      kind: 'PatchJson6902Transformer',
      path: ['patchesJson6902', index],
      run: (resources, step) => applyJsonPatches(resources, { target: selector, path, jsonOp: patch }, step),
      reaches: (ways, step) => jsonPatchReaches(ways, { target: selector, path, jsonOp: patch }, step),
    }),
  );
}

function counts(target: Target, config: TransformerConfig): PerObjectTransformer[] {
  const { replicas = [], images = [], imageTags = [] } = target.kustomization.fields;
  const all: WantedPerObject[] = [
    ...replicas.map(({ name = '', count = 0 }, index): WantedPerObject => ({
      kind: 'ReplicaCountTransformer',
      path: ['replicas', index],
      run: (resources, step) =>
        applyReplicas(resources, { replica: { name, count }, fieldSpecs: config.replicas }, step),
      reaches: (ways) => specsReach(ways, config.replicas),
    })),
    ...[...images, ...imageTags].map((imageTag, index): WantedPerObject => ({
      kind: 'ImageTagTransformer',
      path: index < images.length ? ['images', index] : ['imageTags', index - images.length],
      run: (resources, step) =>
        applyImages(resources, { imageTag: imageTagOf(imageTag), fieldSpecs: config.images }, step),
      reaches: (ways) => imagesReach(ways, config.images),
    })),
  ];
  return all.map((each) => wanted(target, each));
}

function replacing(target: Target): Transformer[] {
  const { replacements = [] } = target.kustomization.fields;
  if (replacements.length === 0) return [];
  const { step: _, ...transformer } = withStep(target, {
    kind: 'ReplacementTransformer',
    path: ['replacements'],
    run: (resources, step) => applyReplacements(resources, replacementsOf(replacements, step), step),
  });
  return [transformer];
}
