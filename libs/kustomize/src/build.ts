import type { LocatedError } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { contentHash } from './content-hash.ts';
import { documentsOf, refuseMissing, repoPath, resourcesOf, type Place } from './files.ts';
import { runGenerators } from './generators.ts';
import { kustomizationsIn, readKustomization, type Kustomization } from './kustomization.ts';
import { applyJsonPatches, applyPatches, applyStrategicMerges, type Target } from './patches.ts';
import { fixReferences } from './references.ts';
import { outcomeOf, refuse } from './refusal.ts';
import { Accumulation, idOf, metadataOf, rememberId, setName, type Resource } from './resource.ts';
import {
  applyAffixes,
  applyAnnotations,
  applyImages,
  applyLabels,
  applyNamespace,
  applyReplicas,
} from './transforms.ts';
import type { FileTree } from './tree.ts';
import { fieldOf, isFields } from './value.ts';

/** The objects of a source in the order of its files, or every reason why it has none. */
export type Built =
  { readonly objects: readonly KubeObject[] } | { readonly errors: readonly LocatedError[] };

/** How much one build may take on; a tree that wants more is refused with the kustomization that went too far. */
const limits = { depth: 64, targets: 2_000, objects: 10_000, files: 20_000 };

interface Building {
  readonly tree: FileTree;
  targets: number;
  files: number;
}

/**
 * Builds the kustomization in directory `root` the way `kustomize build` does. It is pure: the same tree gives the
 * same objects. Fields outside the supported set, remote bases and paths out of the tree are refused, never ignored.
 */
export function buildKustomization(tree: FileTree, root: string): Built {
  return outcomeOf(() => {
    const built = accumulate({ tree, targets: 0, files: 0 }, root, []);
    addHashes(built.resources);
    fixReferences(built.resources);
    for (const resource of built.resources) dropEmptyAnnotations(resource);
    return {
      objects: built.resources.filter(isForCluster).map(({ fields }) => fields as unknown as KubeObject),
    };
  });
}

function accumulate(
  building: Building,
  dir: string,
  ancestors: readonly string[],
  parent?: Accumulation,
): Accumulation {
  const kustomization = readKustomization(building.tree, dir);
  guard(building, kustomization, ancestors);
  const { fields } = kustomization;
  if (kustomization.isComponent !== (parent !== undefined)) refuseRole(kustomization, parent !== undefined);
  const accumulation = parent ?? new Accumulation();
  const path = [...ancestors, dir];
  const target: Target = { tree: building.tree, kustomization, accumulation };
  addResources(building, target, path);
  runGenerators(target);
  for (const [index, component] of (fields.components ?? []).entries()) {
    const place = { ...kustomization.at('components', index), field: `components[${index}]` };
    const at = repoPath(dir, component, place);
    if (!building.tree.list(at)) refuseMissing(building.tree, at, place);
    refuseCycle(at, path, place);
    accumulate(building, at, path, accumulation);
  }
  transform(target);
  return accumulation;
}

/** The order is kustomize's own (api/internal/target/kusttarget_configplugin.go). */
function transform(target: Target): void {
  applyStrategicMerges(target);
  applyPatches(target);
  applyNamespace(target);
  applyAffixes(target);
  applyLabels(target);
  applyAnnotations(target);
  applyJsonPatches(target);
  applyReplicas(target);
  applyImages(target);
}

function guard(building: Building, { file }: Kustomization, ancestors: readonly string[]): void {
  building.targets += 1;
  if (ancestors.length >= limits.depth) {
    refuse({ file, message: `bases nest deeper than ${limits.depth} levels`, fix: 'flatten the bases' });
  }
  if (building.targets > limits.targets) {
    refuse({
      file,
      message: `the build reads more than ${limits.targets} kustomizations`,
      fix: 'split the application',
    });
  }
}

function refuseRole({ file, at }: Kustomization, asComponent: boolean): never {
  refuse(
    asComponent
      ? {
          ...at('kind'),
          file,
          message: 'a Kustomization is listed under components',
          fix: 'list it under resources, or make it kind: Component',
        }
      : {
          ...at('kind'),
          file,
          message: 'a Component is listed under resources or built by itself',
          fix: 'list it under components',
        },
  );
}

function refuseCycle(dir: string, path: readonly string[], place: Place): void {
  const start = path.indexOf(dir);
  if (start < 0) return;
  const cycle = [...path.slice(start), dir].map((step) => (step === '' ? '.' : step)).join(' -> ');
  refuse({ ...place, message: `the bases form a cycle: ${cycle}`, fix: 'remove one of its links' });
}

function addResources(
  building: Building,
  { tree, kustomization, accumulation }: Target,
  path: readonly string[],
): void {
  const { resources = [], bases = [] } = kustomization.fields;
  const listed = [...resources.entries()].map(([index, entry]) => ({
    entry,
    step: ['resources', index] as const,
  }));
  const legacy = [...bases.entries()].map(([index, entry]) => ({ entry, step: ['bases', index] as const }));
  for (const { entry, step } of [...listed, ...legacy]) {
    const place: Place = { ...kustomization.at(...step), field: `${step[0]}[${step[1]}]` };
    building.files += 1;
    if (building.files > limits.files)
      refuse({
        ...place,
        message: `the build reads more than ${limits.files} files`,
        fix: 'split the application',
      });
    accumulation.append(loadResource(building, tree, { entry, place, path, dir: kustomization.dir }));
    if (accumulation.resources.length > limits.objects) {
      refuse({
        ...place,
        message: `the build holds more than ${limits.objects} objects`,
        fix: 'split the application',
      });
    }
  }
}

interface Entry {
  readonly entry: string;
  readonly place: Place;
  readonly path: readonly string[];
  readonly dir: string;
}

function loadResource(
  building: Building,
  tree: FileTree,
  { entry, place, path, dir }: Entry,
): readonly Resource[] {
  const full = repoPath(dir, entry, place);
  const text = tree.readFile(full);
  if (text !== undefined) {
    if (dir !== '' && !full.startsWith(`${dir}/`)) {
      refuse({
        ...place,
        message: `the file ${full} is outside ${dir}`,
        fix: 'list its directory instead, with a kustomization of its own',
      });
    }
    return resourcesOf(documentsOf(tree, full, text), full);
  }
  if (!tree.list(full)) refuseMissing(tree, full, place);
  refuseCycle(full, path, place);
  if (kustomizationsIn(tree, full).length === 0) {
    refuse({ ...place, message: `${full} has no kustomization.yaml`, fix: `add ${full}/kustomization.yaml` });
  }
  return accumulate(building, full, path).resources;
}

function addHashes(resources: readonly Resource[]): void {
  for (const resource of resources) {
    if (!resource.hashed) continue;
    rememberId(resource);
    setName(resource, `${idOf(resource).name}-${contentHash(resource.fields)}`);
  }
}

/** Kustomize keeps its own notes in annotations and leaves none behind that is empty. */
function dropEmptyAnnotations(resource: Resource): void {
  const metadata = metadataOf(resource);
  const annotations = fieldOf(metadata, 'annotations');
  const isEmpty = annotations === null || (isFields(annotations) && Object.keys(annotations).length === 0);
  if (isEmpty) delete metadata['annotations'];
}

/** Objects marked as configuration for tools never reach a cluster. */
function isForCluster(resource: Resource): boolean {
  const annotations = fieldOf(metadataOf(resource), 'annotations');
  return !isFields(annotations) || fieldOf(annotations, 'config.kubernetes.io/local-config') !== 'true';
}
