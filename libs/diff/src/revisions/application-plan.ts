import type { Application, RolloutStrategy } from '@meridian/fleet';
import { canonicalJson, keyOf, keyText, type Json, type KubeObject } from '@meridian/manifests';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import { foldClusters, type Folded } from './fold.ts';
import { objectChanges, type ObjectChange } from './object-changes.ts';
import { secretValuesOf } from './secret-values.ts';

/** An application's document and the strategy it is rolled out by. */
export interface ApplicationDocuments {
  readonly application: Application;
  readonly strategy: RolloutStrategy;
}

/** What a cluster runs of an application before and after; undefined where it is not placed. */
export interface ClusterObjects {
  readonly cluster: string;
  readonly before: readonly KubeObject[] | undefined;
  readonly after: readonly KubeObject[] | undefined;
}

/** Why a person has to approve deletions before a release goes out. */
export interface NeededApproval {
  readonly why: 'withdrawn' | 'emptied' | 'over budget';
  readonly deletions: number;
  /** How many may go without an approval. */
  readonly allowed: number;
}

/** What a change does to one application, identical changes folded together. */
export interface ApplicationPlan {
  readonly application: string;
  /** Changes of its document and of its strategy (paths that begin with `strategy`). */
  readonly settings: readonly FieldChange[];
  /** Clusters that it comes to. */
  readonly placed: readonly string[];
  /** Clusters that it is withdrawn from: everything it has there is deleted. */
  readonly withdrawn: readonly string[];
  readonly changes: readonly Folded<ObjectChange>[];
  readonly approvals: readonly Folded<NeededApproval>[];
}

/** What is compared: documents at both revisions (none when the application is new) and the clusters where something differs. */
export interface ApplicationComparison {
  readonly before: ApplicationDocuments | undefined;
  readonly after: ApplicationDocuments;
  readonly clusters: readonly ClusterObjects[];
  /** How many of the objects held in a cluster one release may remove unasked. */
  readonly allowance: (application: Application, held: number) => number;
}

/** Compares an application at two revisions. It takes whole rendered objects and gives changes with masked secrets. */
export function planApplication(comparison: ApplicationComparison): ApplicationPlan {
  const { before, after, clusters } = comparison;
  const { prune } = after.application.syncPolicy;
  const changes = clusters.map(({ cluster, before: old = [], after: now }) => ({
    cluster,
    items: objectChanges({
      before: old,
      after: now ?? [],
      prune: prune || now === undefined,
      secrets: secretValuesOf([...old, ...(now ?? [])]),
    }),
  }));
  return {
    application: after.application.name,
    settings: before ? settingsChanges(before, after) : [],
    placed: namesOf(clusters.filter((each) => each.before === undefined)),
    withdrawn: namesOf(clusters.filter((each) => each.after === undefined)),
    changes: foldClusters(changes),
    approvals: foldClusters(
      clusters.map((each) => ({ cluster: each.cluster, items: approvalFor(each, comparison) })),
    ),
  };
}

/** Whether a plan says that anything happens. */
export function isIdle({ settings, placed, withdrawn, changes }: ApplicationPlan): boolean {
  return [settings, placed, withdrawn, changes].every(({ length }) => length === 0);
}

function settingsChanges(before: ApplicationDocuments, after: ApplicationDocuments): readonly FieldChange[] {
  const ownChanges = fieldChanges(jsonOf(before.application), jsonOf(after.application));
  const isSameStrategy = before.strategy.name === after.strategy.name;
  const strategies = isSameStrategy ? fieldChanges(jsonOf(before.strategy), jsonOf(after.strategy)) : [];
  return [...ownChanges, ...strategies.map((change) => ({ ...change, path: `strategy.${change.path}` }))].map(
    ({ steps: _, ...change }) => change,
  );
}

function jsonOf(document: Application | RolloutStrategy): Json {
  return JSON.parse(canonicalJson(document)) as Json;
}

function namesOf(clusters: readonly ClusterObjects[]): readonly string[] {
  return clusters.map(({ cluster }) => cluster).sort();
}

function approvalFor(
  { before = [], after }: ClusterObjects,
  { after: { application }, allowance }: ApplicationComparison,
): readonly NeededApproval[] {
  const held = before.length;
  if (held === 0) return [];
  if (after === undefined) return [{ why: 'withdrawn', deletions: held, allowed: 0 }];
  if (after.length === 0) return [{ why: 'emptied', deletions: held, allowed: 0 }];
  if (!application.syncPolicy.prune) return [];
  const wanted = new Set(after.map((object) => keyText(keyOf(object))));
  const deletions = before.filter((object) => !wanted.has(keyText(keyOf(object)))).length;
  const allowed = allowance(application, held);
  return deletions > allowed ? [{ why: 'over budget', deletions, allowed }] : [];
}
