import { wholeSpec } from '../config/transformer-config.ts';
import type { FieldSpec } from '../config/field-spec.ts';
import { applyJsonPatches, applyPatches, applyStrategicMerges } from '../merge/patches.ts';
import { refuse } from '../refusal.ts';
import { applyPrefix, applySuffix } from '../transforms/affixes.ts';
import { applyAnnotations, applyLabels } from '../transforms/entries.ts';
import { applyHashes } from '../transforms/hashes.ts';
import { applyImages } from '../transforms/images.ts';
import { imageTagOf } from './image-tag.ts';
import { applyNamespace } from '../transforms/namespace.ts';
import { applyReplacements } from '../transforms/replacements.ts';
import { applyReplicas } from '../transforms/replicas.ts';
import { pluginShapes } from './plugin-shapes.ts';
import type { Plugin } from './plugins.ts';
import { replacementsOf } from './replacement-files.ts';
import type { Shaped } from './shape.ts';
import type { Resources, Step } from './step.ts';
import type { Target } from './target.ts';
import type { Transformer } from './transformers.ts';
import { applyValueAdd } from './value-add.ts';
import type { fieldSpecShape } from './kustomization-fields.ts';

type Run = (resources: Resources) => Resources;
type Factory = (plugin: Plugin, step: Step, target: Target) => Run;

type WrittenSpecs = readonly Shaped<typeof fieldSpecShape>[] | undefined;

function whole(specs: WrittenSpecs): readonly FieldSpec[] {
  return (specs ?? []).map(wholeSpec);
}

/** A prefix or suffix without field specs is refused by kustomize, whatever else it says. */
function required(specs: WrittenSpecs, plugin: Plugin): readonly FieldSpec[] {
  return specs
    ? whole(specs)
    : refuse({ ...plugin.place, message: `${plugin.kind} has no fieldSpecs`, fix: 'add fieldSpecs' });
}

const prefix: Factory = (plugin, step) => {
  const config = plugin.config(pluginShapes.PrefixTransformer);
  const made = { prefix: config.prefix ?? '', fieldSpecs: required(config.fieldSpecs, plugin) };
  return (resources) => applyPrefix(resources, made, step);
};

const suffix: Factory = (plugin, step) => {
  const config = plugin.config(pluginShapes.SuffixTransformer);
  const made = { suffix: config.suffix ?? '', fieldSpecs: required(config.fieldSpecs, plugin) };
  return (resources) => applySuffix(resources, made, step);
};

/** The built-in transformers that an object may configure, by kind (builtinhelpers.TransformerFactories). */
const factories: Readonly<Record<string, Factory>> = {
  AnnotationsTransformer: (plugin, step) => {
    const { annotations = {}, fieldSpecs } = plugin.config(pluginShapes.AnnotationsTransformer);
    const config = { annotations, fieldSpecs: whole(fieldSpecs) };
    return (resources) => applyAnnotations(resources, config, step);
  },
  HashTransformer: (plugin) => {
    // Nothing is set, but kustomize writes out what it hands to a plugin, and refuses what it cannot write.
    plugin.config(pluginShapes.HashTransformer);
    return applyHashes;
  },
  ImageTagTransformer: (plugin, step) => {
    const { imageTag = {}, fieldSpecs } = plugin.config(pluginShapes.ImageTagTransformer);
    const config = { imageTag: imageTagOf(imageTag), fieldSpecs: whole(fieldSpecs) };
    return (resources) => applyImages(resources, config, step);
  },
  LabelTransformer: (plugin, step) => {
    const { labels = {}, fieldSpecs } = plugin.config(pluginShapes.LabelTransformer);
    const config = { labels, fieldSpecs: whole(fieldSpecs) };
    return (resources) => applyLabels(resources, config, step);
  },
  NamespaceTransformer: (plugin, step) => {
    const { metadata, fieldSpecs, ...rest } = plugin.config(pluginShapes.NamespaceTransformer);
    const config = { ...rest, namespace: metadata?.namespace ?? '', fieldSpecs: whole(fieldSpecs) };
    return (resources) => applyNamespace(resources, config, step);
  },
  PatchJson6902Transformer: (plugin, step) => {
    const config = plugin.config(pluginShapes.PatchJson6902Transformer);
    return (resources) => applyJsonPatches(resources, config, step);
  },
  PatchStrategicMergeTransformer: (plugin, step) => {
    const config = plugin.config(pluginShapes.PatchStrategicMergeTransformer);
    return (resources) => applyStrategicMerges(resources, config, step);
  },
  PatchTransformer: (plugin, step) => {
    const config = plugin.config(pluginShapes.PatchTransformer);
    return (resources) => applyPatches(resources, config, step);
  },
  PrefixTransformer: prefix,
  SuffixTransformer: suffix,
  PrefixSuffixTransformer: (plugin, step, target) => {
    const [before, after] = [prefix(plugin, step, target), suffix(plugin, step, target)];
    return (resources) => after(before(resources));
  },
  ReplacementTransformer: (plugin, step) => {
    const { replacements = [] } = plugin.config(pluginShapes.ReplacementTransformer);
    const read = replacementsOf(replacements, step);
    return (resources) => applyReplacements(resources, read, step);
  },
  ReplicaCountTransformer: (plugin, step) => {
    const { replica, fieldSpecs } = plugin.config(pluginShapes.ReplicaCountTransformer);
    const config = {
      replica: { name: replica?.name ?? '', count: replica?.count ?? 0 },
      fieldSpecs: whole(fieldSpecs),
    };
    return (resources) => applyReplicas(resources, config, step);
  },
  ValueAddTransformer: (plugin, step, { loader }) => {
    const config = plugin.config(pluginShapes.ValueAddTransformer);
    return (resources) => applyValueAdd(resources, { ...config, root: loader.root }, step);
  },
};

/** The transformer that a plugin configures. */
export function transformerOf(target: Target, plugin: Plugin): Transformer {
  const factory = Object.hasOwn(factories, plugin.kind) ? factories[plugin.kind] : undefined;
  if (!factory)
    refuse({
      ...plugin.place,
      message: `${plugin.kind} is no transformer`,
      fix: 'list generators under generators',
    });
  const step = target.building.step(target.loader, plugin.place);
  const { kind, place, by } = plugin;
  return { kind, place, by, run: factory(plugin, step, target) };
}
