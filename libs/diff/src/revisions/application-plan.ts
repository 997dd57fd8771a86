import type { Application, Override, RolloutStrategy } from '@meridian/fleet';
import {
  canonicalJson,
  isClusterScoped,
  keyOf,
  keyText,
  type Json,
  type KubeObject,
} from '@meridian/manifests';
import { ignoredFieldsBy, type IgnoredFieldsOf } from '../ignored-fields.ts';
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

/** What a change does to one application in one cluster. */
export interface ClusterPlan {
  readonly cluster: string;
  /** Whether the application comes to the cluster, is withdrawn from it, or neither. */
  readonly move: 'placed' | 'withdrawn' | undefined;
  readonly changes: readonly ObjectChange[];
  readonly approvals: readonly NeededApproval[];
}

/** The application as it will be, and how many of the objects held in a cluster one of its releases may remove unasked. */
export interface ClusterPlanRules {
  readonly application: Application;
  readonly allowance: (application: Application, held: number) => number;
}

/** What is compared: documents at both revisions (none when the application is new) and the clusters where something differs. */
export interface ApplicationComparison {
  readonly before: ApplicationDocuments | undefined;
  readonly after: ApplicationDocuments;
  readonly clusters: readonly ClusterPlan[];
}

/** Compares an application in one cluster. It takes whole rendered objects and gives changes with masked secrets. */
export function planCluster(objects: ClusterObjects, rules: ClusterPlanRules): ClusterPlan {
  const { cluster, before = [], after } = objects;
  return {
    cluster,
    move: objects.before === undefined ? 'placed' : after === undefined ? 'withdrawn' : undefined,
    changes: objectChanges({
      before,
      after,
      prune: rules.application.syncPolicy.prune || after === undefined,
      secrets: secretValuesOf([...before, ...(after ?? [])]),
      ignored: ignoredIn(rules.application),
    }),
    approvals: approvalFor(objects, rules),
  };
}

const ownLabel = { label: 'meridian.dev/application' };

/** What an application ignores of its objects, which may have no namespace yet. */
function ignoredIn({ namespace, syncPolicy }: Application): IgnoredFieldsOf {
  const ignored = ignoredFieldsBy(syncPolicy.rules, ownLabel);
  return (key) =>
    ignored(key.namespace === '' && !isClusterScoped(key.group, key.kind) ? { ...key, namespace } : key);
}

/** Compares an application at two revisions: what its document says, and what was planned for each cluster, folded. */
export function planApplication({ before, after, clusters }: ApplicationComparison): ApplicationPlan {
  const moved = (move: ClusterPlan['move']) =>
    clusters.flatMap((each) => (each.move === move ? [each.cluster] : [])).sort();
  return {
    application: after.application.name,
    settings: before ? settingsChanges(before, after) : [],
    placed: moved('placed'),
    withdrawn: moved('withdrawn'),
    changes: foldClusters(clusters.map(({ cluster, changes: items }) => ({ cluster, items }))),
    approvals: foldClusters(clusters.map(({ cluster, approvals: items }) => ({ cluster, items }))),
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
  const written =
    'overrides' in document ? { ...document, overrides: document.overrides?.map(asWritten) } : document;
  return JSON.parse(canonicalJson(written)) as Json;
}

/** An override without its place in the list and the lists that are empty, which no document says. */
function asWritten({ index: _, ...override }: Override): object {
  return Object.fromEntries(
    Object.entries(override).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

function approvalFor(
  { before = [], after }: ClusterObjects,
  { application, allowance }: ClusterPlanRules,
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
