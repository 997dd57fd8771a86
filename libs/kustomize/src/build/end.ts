import { fieldSpec } from '../config/field-spec.ts';
import type { TransformerConfig } from '../config/transformer-config.ts';
import { refuse } from '../refusal.ts';
import { idKey, idText } from '../resources/id.ts';
import { idOf } from '../resources/resource.ts';
import { applyLabels } from '../transforms/entries.ts';
import { applyHashes } from '../transforms/hashes.ts';
import { applyReferences } from '../transforms/references.ts';
import { sortResources } from '../transforms/sort.ts';
import { resolveVars, type Var } from '../transforms/vars.ts';
import { isLocal, isNamed, withFinalAnnotations } from './finish.ts';
import type { Place, Profile, Resources, Step } from './step.ts';
import type { Target } from './target.ts';

/** How the end of a build differs from kustomize's own. */
export interface EndOptions {
  /** `legacy` sorts by kind unless the kustomization says otherwise; `none` leaves the order of the files. */
  readonly reorder?: 'none' | 'legacy';
  /** Labels every object with the version of kustomize that is followed. */
  readonly managedByLabel?: boolean;
}

/** What the root of a build has accumulated. */
export interface Accumulated {
  readonly resources: Resources;
  readonly config: TransformerConfig;
  readonly vars: ReadonlyMap<string, Var>;
}

/** The objects at the end of a build. */
export interface Ended {
  /** With the hashes that belong to their names. */
  readonly hashed: Resources;
  /** With their references and vars settled, in the same order. */
  readonly settled: Resources;
  /** Those for a cluster in the order in which they are handed out, as positions in `settled`. */
  readonly order: readonly number[];
  /** The same objects, done. */
  readonly final: Resources;
}

/** What is done once for the whole build (kusttarget.go, makeCustomizedResMap; Kustomizer.Run). */
export function ended(target: Target, accumulated: Accumulated, options: EndOptions): Ended {
  const { kustomization } = target;
  const { resources, config, vars } = accumulated;
  const step = stepOf(target);
  const noted = notes(target);
  const hashed = noted('HashTransformer', resources, applyHashes(resources));
  const referring = applyReferences(hashed, config.nameReference, step);
  const pointed = noted('NameReferenceTransformer', hashed, referring);
  const varsAt = kustomization.fields.vars ? kustomization.at('vars') : step.place;
  const resolving = resolveVars(pointed, [...vars.values()], config.varReference, step);
  const settled = noted('RefVarTransformer', pointed, resolving, varsAt);
  checkIds(settled);
  const sorted = ordered(
    settled.filter((each) => !isLocal(each)),
    target,
    options,
  );
  const positions = new Map(settled.map((each, at) => [each, at]));
  return {
    hashed,
    settled,
    order: sorted.map((each) => positions.get(each) ?? 0),
    final: labelledAndAnnotated(target, sorted, options),
  };
}

/** The last step of all, for objects that nobody asks anything about any more. */
export function labelledAndAnnotated(target: Target, resources: Resources, options: EndOptions): Resources {
  const { kustomization } = target;
  const { buildMetadata = [] } = kustomization.fields;
  const step = stepOf(target);
  const noted = notes(target);
  const isManaged = options.managedByLabel === true || buildMetadata.includes('managedByLabel');
  const metadataAt = kustomization.fields.buildMetadata ? kustomization.at('buildMetadata') : step.place;
  const labelled = isManaged
    ? noted('LabelTransformer', resources, managedBy(resources, step), metadataAt)
    : resources;
  const kept = {
    origins: buildMetadata.includes('originAnnotations'),
    transformations: buildMetadata.includes('transformerAnnotations'),
  };
  const annotated = labelled.map((resource) => withFinalAnnotations(resource, kept));
  return noted('AnnotationsTransformer', labelled, annotated, metadataAt);
}

/** What the last steps may use. */
export function stepOf({ building, kustomization, loader }: Target): Step {
  return building.step(loader, { file: kustomization.file });
}

type Noted = (by: string, before: Resources, after: Resources, place?: Place) => Resources;

/** Passes on what a last step gives, and tells of it who wants to know. */
function notes({ building, kustomization }: Target): Noted {
  return (by, before, after, place = { file: kustomization.file }) => {
    building.provenance?.noteStep(before, after, { by, place });
    return after;
  };
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
  { reorder = 'none' }: EndOptions,
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
