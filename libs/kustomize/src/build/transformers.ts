import type { TransformerConfig } from '../config/transformer-config.ts';
import { applyJsonPatches, applyPatches, applyStrategicMerges } from '../merge/patches.ts';
import type { OriginNote } from '../resources/resource.ts';
import { applyPrefix, applySuffix } from '../transforms/affixes.ts';
import { applyAnnotations, applyLabels } from '../transforms/entries.ts';
import { applyImages } from '../transforms/images.ts';
import { applyNamespace } from '../transforms/namespace.ts';
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
  /** What becomes of an object depends on nothing else of the others than their ids. */
  readonly isPerObject: boolean;
  readonly run: (resources: Resources) => Resources;
}

/** The transformers of a target in the order in which they run (kusttarget_configplugin.go); fields first, then plugins. */
export function transformersOf(target: Target, config: TransformerConfig): readonly Transformer[] {
  return [
    ...merges(target),
    ...names(target, config),
    ...entries(target, config),
    ...jsonPatches(target),
    ...counts(target, config),
    ...pluginsIn(target, 'transformers').map((plugin) => transformerOf(target, plugin)),
  ];
}

interface Wanted {
  readonly kind: string;
  readonly path: readonly (string | number)[];
  readonly isPerObject?: boolean;
  readonly run: (resources: Resources, step: Step) => Resources;
}

function wanted(target: Target, { kind, path, isPerObject = true, run }: Wanted): Transformer {
  const place = target.kustomization.at(...path);
  const step = target.building.step(target.loader, place);
  const by = builtInNote(target, kind);
  return { kind, place, by, isPerObject, run: (resources) => run(resources, step) };
}

function merges(target: Target): Transformer[] {
  const { patchesStrategicMerge: paths = [], patches = [] } = target.kustomization.fields;
  const all: Wanted[] = patches.map((patch, index) => ({
    kind: 'PatchTransformer',
    path: ['patches', index],
    run: (resources, step) => applyPatches(resources, patch, step),
  }));
  if (paths.length > 0)
    all.unshift({
      kind: 'PatchStrategicMergeTransformer',
      path: ['patchesStrategicMerge'],
      run: (resources, step) => applyStrategicMerges(resources, { paths }, step),
    });
  return all.map((each) => wanted(target, each));
}

function names(target: Target, config: TransformerConfig): Transformer[] {
  const { namespace = '', namePrefix: prefix = '', nameSuffix: suffix = '' } = target.kustomization.fields;
  const all: Wanted[] = [];
  if (namespace !== '')
    all.push({
      kind: 'NamespaceTransformer',
      path: ['namespace'],
      run: (resources, step) => applyNamespace(resources, { namespace, fieldSpecs: config.namespace }, step),
    });
  if (prefix !== '')
    all.push({
      kind: 'PrefixTransformer',
      path: ['namePrefix'],
      run: (resources, step) => applyPrefix(resources, { prefix, fieldSpecs: config.namePrefix }, step),
    });
  if (suffix !== '')
    all.push({
      kind: 'SuffixTransformer',
      path: ['nameSuffix'],
      run: (resources, step) => applySuffix(resources, { suffix, fieldSpecs: config.nameSuffix }, step),
    });
  return all.map((each) => wanted(target, each));
}

function entries(target: Target, config: TransformerConfig): Transformer[] {
  const { labels = [], commonLabels, commonAnnotations } = target.kustomization.fields;
  const all: Wanted[] = labels.map((label, index) => ({
    kind: 'LabelTransformer',
    path: ['labels', index],
    run: (resources, step) =>
      applyLabels(
        resources,
        { labels: label.pairs ?? {}, fieldSpecs: labelSpecs(label, config, step) },
        step,
      ),
  }));
  // With any labels at all kustomize runs the transformer of commonLabels, too, which its annotations of origin show.
  if (labels.length > 0 || Object.keys(commonLabels ?? {}).length > 0)
    all.push({
      kind: 'LabelTransformer',
      path: ['commonLabels'],
      run: (resources, step) =>
        applyLabels(resources, { labels: commonLabels ?? {}, fieldSpecs: config.commonLabels }, step),
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
    });
  return all.map((each) => wanted(target, each));
}

function jsonPatches(target: Target): Transformer[] {
  const { patchesJson6902 = [] } = target.kustomization.fields;
  return patchesJson6902.map(({ target: selector, path, patch }, index) =>
    wanted(target, {
      kind: 'PatchJson6902Transformer',
      path: ['patchesJson6902', index],
      run: (resources, step) => applyJsonPatches(resources, { target: selector, path, jsonOp: patch }, step),
    }),
  );
}

function counts(target: Target, config: TransformerConfig): Transformer[] {
  const { replicas = [], images = [], imageTags = [], replacements = [] } = target.kustomization.fields;
  const all: Wanted[] = [
    ...replicas.map(({ name = '', count = 0 }, index): Wanted => ({
      kind: 'ReplicaCountTransformer',
      path: ['replicas', index],
      run: (resources, step) =>
        applyReplicas(resources, { replica: { name, count }, fieldSpecs: config.replicas }, step),
    })),
    ...[...images, ...imageTags].map((imageTag, index): Wanted => ({
      kind: 'ImageTagTransformer',
      path: index < images.length ? ['images', index] : ['imageTags', index - images.length],
      run: (resources, step) =>
        applyImages(resources, { imageTag: imageTagOf(imageTag), fieldSpecs: config.images }, step),
    })),
  ];
  if (replacements.length > 0)
    all.push({
      kind: 'ReplacementTransformer',
      path: ['replacements'],
      isPerObject: false,
      run: (resources, step) => applyReplacements(resources, replacementsOf(replacements, step), step),
    });
  return all.map((each) => wanted(target, each));
}
