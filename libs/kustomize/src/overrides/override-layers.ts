import type { Override } from '@meridian/fleet';
import { Accumulation } from '../build/accumulation.ts';
import { applyTransformer } from '../build/accumulate.ts';
import type { Building } from '../build/building.ts';
import type { Kustomization } from '../build/kustomization.ts';
import { Loader } from '../build/loader.ts';
import type { Place, Resources } from '../build/step.ts';
import type { Target } from '../build/target.ts';
import { perObjectTransformersOf } from '../build/transformers.ts';
import { refuse } from '../refusal.ts';
import { compileSelector, type Selector } from '../resources/selection.ts';

/** The overrides of one cluster. */
export interface Layers {
  /** Directory of the application: patches in files are below it, and errors in the document name it. */
  readonly directory: string;
  readonly overrides: readonly Override[];
}

/**
 * Applies overrides to everything that a build has accumulated, before names and hashes are settled: each is a kustomization
 * with its patches, replicas and images on top of what is below. A patch that fits no object is refused, also one with a
 * target, which kustomize passes over: whoever writes an override has these objects before his eyes.
 */
export function withLayers(below: Accumulation, layers: Layers, building: Building): Accumulation {
  const accumulation = new Accumulation();
  accumulation.merge(below, { file: layers.directory });
  const loader = new Loader({ tree: building.tree, rootOnly: true }, layers.directory);
  for (const override of layers.overrides) {
    const kustomization = building.cache.made(
      `override ${JSON.stringify([layers.directory, override])}`,
      () => kustomizationOf(override, layers.directory),
    );
    applyLayer(accumulation, { building, loader, kustomization, origin: undefined, load: () => [] });
  }
  return accumulation;
}

function applyLayer(accumulation: Accumulation, target: Target): void {
  const { patches = [] } = target.kustomization.fields;
  // Patches come first in a kustomization that has no patchesStrategicMerge.
  for (const [index, transformer] of perObjectTransformersOf(target, accumulation.config).entries()) {
    const selector = patches[index]?.target;
    if (selector) checkTarget(accumulation.resources, selector, transformer.place);
    applyTransformer(target, accumulation, transformer);
  }
  target.building.checkSize(accumulation.resources, { file: target.kustomization.file });
}

function checkTarget(resources: Resources, selector: Selector, place: Place): void {
  if (resources.some(compileSelector(selector, place))) return;
  refuse({
    ...place,
    message: 'the target of the patch fits no object',
    fix: 'correct the target, or select only clusters that have the object',
  });
}

/** An override as a kustomization; one object for one text, so that patches are read once for all clusters. */
function kustomizationOf({ index, patches, images, replicas }: Override, directory: string): Kustomization {
  return {
    file: directory,
    name: directory,
    isComponent: false,
    fields: { patches, images, replicas },
    deprecated: [],
    at: (...path) => ({ file: directory, field: fieldOf(index, path) }),
  };
}

function fieldOf(index: number, path: readonly (string | number)[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return `spec.source.overrides[${index}]${steps.join('')}`;
}
