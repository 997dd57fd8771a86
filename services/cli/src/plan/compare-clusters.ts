import {
  planCluster,
  type ApplicationDocuments,
  type ClusterPlan,
  type ClusterPlanRules,
} from '@meridian/diff';
import { matchesSelector, withDeclaredPlace, type Application, type LocatedError } from '@meridian/fleet';
import { deletionAllowance } from '@meridian/rollout';
import { inLanes } from './in-lanes.ts';
import { Findings } from './problems.ts';
import {
  digestOf,
  objectsOf,
  renderBoth,
  type PlacedCluster,
  type Placement,
  type Renderings,
  type RenderTools,
} from './rendering.ts';
import type { Revision } from './revision.ts';

/** Two revisions, and what renders them. */
export interface Comparison {
  readonly base: Revision;
  readonly head: Revision;
  readonly tools: RenderTools;
}

/** The documents of an application that both or only the head have. */
export interface Documents {
  readonly before: ApplicationDocuments | undefined;
  readonly after: ApplicationDocuments;
}

/** What was found at the two revisions. */
export interface Sides {
  readonly before: Findings;
  readonly after: Findings;
}

/** What rendering an application for all its clusters at two revisions gives. */
export interface ComparedClusters {
  readonly errors: Sides;
  readonly warnings: Sides;
  /** Those where something differs. */
  readonly clusters: readonly ClusterPlan[];
  /** Whether everything is made of the same in both revisions. */
  readonly isSame: boolean;
}

/** Renderings of one application under way at once: enough to keep every thread busy. */
const mostUnderWay = 64;

/** Renders an application for every cluster of it. Of what differs only the changes are kept, which is little beside the objects. */
export async function comparedClusters(
  { after: { application } }: Documents,
  placements: readonly PlacedCluster[],
  comparison: Comparison,
): Promise<ComparedClusters> {
  const rules = { application, allowance: allowanceOf };
  const stopped = { before: false, after: false };
  const found = await inLanes(placements, mostUnderWay, async (placed) => {
    // What met a limit is frozen anyhow; further clusters would only cost as much again.
    if (stopped.after) return undefined;
    const { before, ...rest } = placed;
    const wanted = { ...rest, before: stopped.before ? undefined : before };
    const both = await renderBoth(wanted, comparison, comparison.tools);
    for (const side of ['before', 'after'] as const) if (isLimit(both[side])) stopped[side] = true;
    return { placed, both: summaryOf(both), plan: changesIn(placed.name, both, rules) };
  });
  const errors = { before: new Findings(), after: new Findings() };
  const warnings = { before: new Findings(), after: new Findings() };
  const clusters: ClusterPlan[] = [];
  let isSame = true;
  for (const each of found) {
    if (!each) continue;
    noteFindings(each.placed, each.both, { ...comparison, errors, warnings });
    if (each.plan) clusters.push(each.plan);
    isSame &&= each.both.isSame;
  }
  return { errors, warnings, clusters, isSame };
}

function isLimit(rendered: Renderings['before']): boolean {
  return rendered?.rendering.ok === false && rendered.rendering.isLimit === true;
}

/** What is told of a cluster at the two revisions. */
interface Told {
  readonly before: Found;
  readonly after: Found;
  readonly isSame: boolean;
}

interface Found {
  readonly errors: readonly LocatedError[];
  readonly warnings: readonly LocatedError[];
}

function summaryOf({ before, after }: Renderings): Told {
  const found = (rendered: Renderings['before']): Found => {
    const rendering = rendered?.rendering;
    return {
      errors: rendering?.ok === false ? rendering.errors : [],
      warnings: rendering?.ok === true ? rendering.warnings : [],
    };
  };
  return { before: found(before), after: found(after), isSame: before === after };
}

function changesIn(
  cluster: string,
  { before, after }: Renderings,
  rules: ClusterPlanRules,
): ClusterPlan | undefined {
  if (before?.rendering.ok === false || after?.rendering.ok === false) return undefined;
  if (digestOf(before) === digestOf(after)) return undefined;
  return planCluster({ cluster, before: objectsOf(before), after: objectsOf(after) }, rules);
}

function allowanceOf(application: Application, held: number): number {
  return deletionAllowance({ ...application.syncPolicy, namespace: application.namespace }, held);
}

/** The clusters that an application is placed in at either revision. */
export function placementsOf(
  { before, after }: Documents,
  { base, head }: Pick<Comparison, 'base' | 'head'>,
): readonly PlacedCluster[] {
  const old = placed(before?.application, base);
  const now = placed(after.application, head);
  return [...new Set([...old.keys(), ...now.keys()])].map((name) => ({
    name,
    before: old.get(name),
    after: now.get(name),
  }));
}

function placed(
  application: Application | undefined,
  { parsed: { config }, policies }: Revision,
): ReadonlyMap<string, Placement> {
  if (!application) return new Map();
  const selected = config.clusters.filter(({ labels }) => matchesSelector(application.placement, labels));
  return new Map(
    selected.map((cluster) => [
      cluster.name,
      { application, cluster, policies: policies.for(application, cluster) },
    ]),
  );
}

function noteFindings(
  { name: cluster, ...placements }: PlacedCluster,
  told: Told,
  { errors, warnings, base, head }: Comparison & { readonly errors: Sides; readonly warnings: Sides },
): void {
  for (const side of ['before', 'after'] as const) {
    const application = placements[side]?.application;
    if (!application) continue;
    const { declarations } = (side === 'before' ? base : head).parsed;
    const located = (found: readonly LocatedError[]) =>
      found.map((each) => withDeclaredPlace(each, application.path, declarations.get(application.name)));
    errors[side].add(cluster, located(told[side].errors));
    warnings[side].add(cluster, located(told[side].warnings));
  }
}
