import type { LocatedError } from '@meridian/fleet';
import { outcomeOf, Refusal, refuse } from '../refusal.ts';
import { idKey, idText } from '../resources/id.ts';
import { idOf, type Resource } from '../resources/resource.ts';
import { fieldSpec } from '../config/field-spec.ts';
import { applyLabels } from '../transforms/entries.ts';
import { applyHashes } from '../transforms/hashes.ts';
import { applyReferences } from '../transforms/references.ts';
import { sortResources } from '../transforms/sort.ts';
import { resolveVars } from '../transforms/vars.ts';
import type { Provenance } from '../explain/provenance.ts';
import type { ChartOutputs } from '../charts/chart-request.ts';
import { withRootChanges, type RootChanges } from '../overrides/root-changes.ts';
import type { FileTree } from '../tree.ts';
import { UnwritableError, writtenOf, type Plain } from '../values/plain.ts';
import { accumulate, chooseSchema, openRoot } from './accumulate.ts';
import type { Accumulation } from './accumulation.ts';
import { BuildCache } from './build-cache.ts';
import { Building } from './building.ts';
import { isLocal, isNamed, withFinalAnnotations } from './finish.ts';
import { Loader } from './loader.ts';
import type { Place, Profile, Resources, Step } from './step.ts';
import type { Target } from './target.ts';

/** How a build is run; kustomize's own defaults but for the order, which a fleet has no use for. */
export interface BuildOptions {
  readonly profile?: Profile;
  /** `legacy` sorts by kind unless the kustomization says otherwise; `none` leaves the order of the files. */
  readonly reorder?: 'none' | 'legacy';
  readonly loadRestrictor?: 'LoadRestrictionsRootOnly' | 'LoadRestrictionsNone';
  /** What builds may share; a cache must only see builds with the same restriction. */
  readonly cache?: BuildCache;
  /** Is told what every step does, and how the build ends; such a build uses no cache. */
  readonly provenance?: Provenance;
  /** Outputs of charts; without it charts are refused. A cache must only see builds with outputs of the same helm. */
  readonly charts?: ChartOutputs;
  /** What an application changes in the objects, before names and hashes are settled. */
  readonly changes?: RootChanges | undefined;
  /** Labels every object with the version of kustomize that is followed. */
  readonly managedByLabel?: boolean;
}

/** What a build gives: finished objects in order, or every reason why there are none; and what is worth a warning. */
export type Built =
  | { readonly objects: readonly BuiltObject[]; readonly warnings: readonly LocatedError[] }
  | { readonly errors: readonly LocatedError[] };

/** A finished object and where it came from. */
export interface BuiltObject {
  readonly fields: { readonly [key: string]: Plain };
  readonly origin: Resource['origin'];
  /** Whether an integer in it is beyond 2^53, which JSON clients round. */
  readonly hasLargeInteger: boolean;
}

/**
 * Builds the kustomization in directory `root` of a tree as `kustomize build` does. It is pure: the same tree gives the
 * same objects. Remote bases, plugins that are not built in and paths out of the tree are refused, never ignored.
 */
export function buildKustomization(tree: FileTree, root: string, options: BuildOptions = {}): Built {
  const { profile = '5.5', loadRestrictor = 'LoadRestrictionsRootOnly' } = options;
  const { provenance } = options;
  const cache = (provenance ? undefined : options.cache) ?? new BuildCache();
  const building = new Building(tree, profile, { cache, provenance, charts: options.charts });
  return outcomeOf(() => {
    const rootOnly = loadRestrictor === 'LoadRestrictionsRootOnly';
    const loader = new Loader({ tree: building.tree, rootOnly }, root);
    const target = openRoot(building, loader);
    chooseSchema(target);
    const resources = finished(target, options);
    provenance?.finish(tree, resources);
    return { objects: resources.map(writtenObject), warnings: building.warnings };
  }, root);
}

/** What is done once for the whole build (kusttarget.go, makeCustomizedResMap; Kustomizer.Run). */
function finished(target: Target, options: BuildOptions): Resources {
  const { building, kustomization, loader } = target;
  const step = building.step(loader, { file: kustomization.file });
  const { resources, config, vars } = accumulatedRoot(target, options);
  if (building.isWaiting) refuseUnrendered(target);
  const noted = notes(target);
  const hashed = noted('HashTransformer', resources, applyHashes(resources));
  const settled = noted(
    'NameReferenceTransformer',
    hashed,
    applyReferences(hashed, config.nameReference, step),
  );
  const varsAt = kustomization.fields.vars ? kustomization.at('vars') : step.place;
  const resolved = noted(
    'RefVarTransformer',
    settled,
    resolveVars(settled, [...vars.values()], config.varReference, step),
    varsAt,
  );
  checkIds(resolved);
  const sorted = ordered(
    resolved.filter((each) => !isLocal(each)),
    target,
    options,
  );
  const { buildMetadata = [] } = kustomization.fields;
  const isManaged = options.managedByLabel === true || buildMetadata.includes('managedByLabel');
  const metadataAt = kustomization.fields.buildMetadata ? kustomization.at('buildMetadata') : step.place;
  const labelled = isManaged
    ? noted('LabelTransformer', sorted, managedBy(sorted, step), metadataAt)
    : sorted;
  const kept = {
    origins: buildMetadata.includes('originAnnotations'),
    transformations: buildMetadata.includes('transformerAnnotations'),
  };
  const annotated = labelled.map((resource) => withFinalAnnotations(resource, kept));
  return noted('AnnotationsTransformer', labelled, annotated, metadataAt);
}

function accumulatedRoot(target: Target, { changes }: BuildOptions): Accumulation {
  if (!changes) return accumulate(target);
  const { building, loader, kustomization } = target;
  const read = (): Accumulation => {
    // The kustomization is read already, and what is kept depends on it and on there being no other.
    loader.names();
    building.tree.identity(kustomization.file);
    return accumulate(target);
  };
  // Origins are told from the directory that is built, so that they differ in a base.
  const isShared = changes.isShared && target.origin === undefined;
  return withRootChanges({ building, loader, accumulate: read }, { ...changes, isShared });
}

type Noted = (by: string, before: Resources, after: Resources, place?: Place) => Resources;

/** Passes on what a last step gives, and tells of it who wants to know. */
function notes({ building, kustomization }: Target): Noted {
  return (by, before, after, place = { file: kustomization.file }) => {
    building.provenance?.noteStep(before, after, { by, place });
    return after;
  };
}

/** Who gave outputs of charts knows which are wanted, renders them and builds again. */
function refuseUnrendered({ kustomization }: Target): never {
  refuse({
    file: kustomization.file,
    message: 'a Helm chart of this build is not rendered yet',
    fix: 'render it and build again',
  });
}

/** What kustomize refuses or crashes on at the end: objects that lost kind or name, and two objects of one id. */
function checkIds(resources: Resources): void {
  const seen = new Set<string>();
  for (const resource of resources) {
    const id = idOf(resource);
    const lost = id.kind === '' ? 'kind' : isNamed(resource) ? undefined : 'metadata.name';
    if (lost !== undefined)
      refuse({
        ...resource.origin,
        field: lost,
        message: `${idText(id)} has lost its ${lost}`,
        fix: 'correct the patch that takes it away',
      });
    const key = idKey(id);
    if (seen.has(key))
      refuse({
        ...resource.origin,
        message: `a change makes this object ${idText(id)}, which is there already`,
        fix: 'correct the patch that renames it',
      });
    seen.add(key);
  }
}

function ordered(
  resources: Resources,
  { kustomization }: Target,
  { reorder = 'none' }: BuildOptions,
): Resources {
  const { sortOptions } = kustomization.fields;
  if (sortOptions) return sortResources(resources, sortOptions, kustomization.at('sortOptions'));
  const place: Place = { file: kustomization.file };
  return reorder === 'legacy' ? sortResources(resources, { order: 'legacy' }, place) : resources;
}

const ownLabels = [fieldSpec('metadata/labels', '', true)];
/** How kustomize names itself: a build of 5.5 by Go alone does not know its version. */
const versions: Readonly<Record<Profile, string>> = { '5.5': 'kustomize-(devel)', '5.8': 'kustomize-v5.8.2' };

function managedBy(resources: Resources, step: Step): Resources {
  const labels = { 'app.kubernetes.io/managed-by': versions[step.profile] };
  return applyLabels(resources, { labels, fieldSpecs: ownLabels }, step);
}

/** A resource as it is handed out; what kustomize could not write either is refused where it was read. */
export function writtenObject(resource: Resource): BuiltObject {
  try {
    const { plain: fields, hasLargeInteger } = writtenOf(resource.fields);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
      return { fields: fields as BuiltObject['fields'], origin: resource.origin, hasLargeInteger };
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    throw new Refusal([
      {
        ...resource.origin,
        field: error.path.join('.'),
        message: `${idText(idOf(resource))}: ${error.message}`,
        fix: error.fix,
      },
    ]);
  }
  throw new TypeError('a resource is a mapping');
}
