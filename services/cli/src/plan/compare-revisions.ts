import { isIdle, planApplication, type ApplicationDocuments, type ClusterObjects } from '@meridian/diff';
import {
  idleOverrides,
  matchesSelector,
  withDeclaredPlace,
  type Application,
  type Cluster,
  type LocatedError,
} from '@meridian/fleet';
import { BuildCache } from '@meridian/kustomize';
import { Judge } from '@meridian/policy';
import { deletionAllowance } from '@meridian/rollout';
import { summaryOf, type FleetPlan, type PlannedApplication } from './fleet-plan.ts';
import { configurationFindings, Findings } from './problems.ts';
import { isSameRendering, render, type Placement, type Rendering, type RenderTools } from './rendering.ts';
import type { Revision } from './revision.ts';
import { isUntouched } from './untouched.ts';

interface Comparison {
  readonly base: Revision;
  readonly head: Revision;
  readonly tools: RenderTools;
  /** Warnings of both sides, of all applications. */
  readonly warnings: { readonly before: Findings; readonly after: Findings };
}

/** Renders every application for every cluster at two revisions and compares them; what is made of the same is rendered once. */
export async function compareRevisions(
  base: Revision,
  head: Revision,
  { charts, signal }: Omit<RenderTools, 'cache' | 'judge'>,
): Promise<FleetPlan> {
  const warnings = { before: new Findings(), after: new Findings() };
  const comparison: Comparison = {
    base,
    head,
    tools: { cache: new BuildCache(), judge: new Judge(), charts, signal },
    warnings,
  };
  const applications: PlannedApplication[] = [];
  for (const name of namesIn(base, head)) {
    // Rendering is synchronous; this is where Ctrl-C is heard.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const planned = await plannedApplication(name, comparison);
    if (planned) applications.push(planned);
  }
  const [before, after] = [base, head].map(({ parsed }) => configurationFindings(parsed.problems, undefined));
  return {
    base: base.id,
    head: head.id,
    fleetClusters: head.parsed.config.clusters.length,
    summary: summaryOf(applications),
    applications,
    problems: after?.problems(before ?? new Findings()) ?? [],
    warnings: warnings.after.without(warnings.before),
  };
}

function namesIn(...revisions: readonly Revision[]): readonly string[] {
  const names = revisions.flatMap(({ parsed }) => [
    ...Object.keys(parsed.origins),
    ...parsed.config.applications.map(({ name }) => name),
  ]);
  return [...new Set(names)].sort();
}

async function plannedApplication(
  name: string,
  comparison: Comparison,
): Promise<PlannedApplication | undefined> {
  const [before, after] = [comparison.base, comparison.head].map((one) => documentsOf(one, name));
  if (after) return comparedApplication({ before, after }, comparison);
  const { base, head } = comparison;
  const isNamed = Object.hasOwn(head.parsed.origins, name);
  const findings = configurationFindings(head.parsed.problems, name);
  if (findings.isEmpty && !isNamed && !head.parsed.incomplete)
    return before && { outcome: 'vanished', application: name };
  if (findings.isEmpty) findings.add(undefined, unnamed(head));
  const known = configurationFindings(base.parsed.problems, name);
  if (!before) known.add(undefined, unnamed(base));
  return { outcome: 'frozen', application: name, problems: findings.problems(known) };
}

function unnamed({ parsed }: Revision) {
  return parsed.problems.filter(({ application }) => application === undefined);
}

function documentsOf({ parsed: { config } }: Revision, name: string): ApplicationDocuments | undefined {
  const application = config.applications.find((each) => each.name === name);
  const strategy = config.strategies.find((each) => each.name === application?.rolloutStrategy);
  return application && strategy && { application, strategy };
}

interface Documents {
  readonly before: ApplicationDocuments | undefined;
  readonly after: ApplicationDocuments;
}

async function comparedApplication(
  documents: Documents,
  comparison: Comparison,
): Promise<PlannedApplication | undefined> {
  if (isUntouched(documents.before, documents.after, comparison)) return undefined;
  noteIdleOverrides(documents, comparison);
  const application = documents.after.application.name;
  const { errors, clusters, isSame } = await comparedClusters(documents, comparison);
  // What was frozen before and is not touched stays frozen: that is nothing that the change does.
  if (!errors.after.isEmpty)
    return isSame
      ? undefined
      : { outcome: 'frozen', application, problems: errors.after.problems(errors.before) };
  const isUnknown =
    documents.before === undefined && Object.hasOwn(comparison.base.parsed.origins, application);
  if (!errors.before.isEmpty || isUnknown)
    return { outcome: 'mended', application, clusters: clusters.map(({ cluster }) => cluster).sort() };
  const plan = planApplication({ ...documents, clusters, allowance: allowanceOf });
  if (!documents.before) return { outcome: 'new', ...plan };
  return isIdle(plan) ? undefined : { outcome: 'changed', ...plan };
}

function noteIdleOverrides({ before, after }: Documents, { base, head, warnings }: Comparison): void {
  const note = (found: Findings, documents: ApplicationDocuments | undefined, { parsed }: Revision): void => {
    const declaration = documents && parsed.declarations.get(documents.application.name);
    if (declaration)
      found.add(undefined, idleOverrides(documents.application, parsed.config.clusters, declaration));
  };
  note(warnings.before, before, base);
  note(warnings.after, after, head);
}

interface ComparedClusters {
  readonly errors: Sides;
  /** Those where something differs. */
  readonly clusters: readonly ClusterObjects[];
  /** Whether everything is made of the same in both revisions. */
  readonly isSame: boolean;
}

async function comparedClusters(documents: Documents, comparison: Comparison): Promise<ComparedClusters> {
  const known = configurationFindings(comparison.base.parsed.problems, documents.after.application.name);
  const errors = { before: known, after: new Findings() };
  const clusters: ClusterObjects[] = [];
  let isSame = true;
  for (const cluster of placementsOf(documents, comparison)) {
    const { before, after } = await renderings(cluster, comparison);
    noteFindings(cluster, { before, after }, { ...comparison, errors });
    if (digestOf(before) !== digestOf(after))
      clusters.push({ cluster: cluster.name, before: objectsOf(before), after: objectsOf(after) });
    isSame &&= before === after;
  }
  return { errors, clusters, isSame };
}

function allowanceOf(application: Application, held: number): number {
  return deletionAllowance({ ...application.syncPolicy, namespace: application.namespace }, held);
}

/** A cluster of either revision, and the application there before and after. */
interface PlacedCluster {
  readonly name: string;
  readonly before: Placement | undefined;
  readonly after: Placement | undefined;
}

function placementsOf({ before, after }: Documents, { base, head }: Comparison): readonly PlacedCluster[] {
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
    selected.map((cluster: Cluster) => [
      cluster.name,
      { application, cluster, policies: policies.for(application, cluster) },
    ]),
  );
}

interface Renderings {
  readonly before: Rendering | undefined;
  readonly after: Rendering | undefined;
}

async function renderings(
  { before, after }: PlacedCluster,
  { base, head, tools }: Comparison,
): Promise<Renderings> {
  const old = before && (await render(base, before, tools));
  if (old && after && isSameRendering(head, old, [before, after])) return { before: old, after: old };
  return { before: old, after: after && (await render(head, after, tools)) };
}

interface Sides {
  readonly before: Findings;
  readonly after: Findings;
}

function noteFindings(
  { name: cluster, ...placements }: PlacedCluster,
  renderings: Renderings,
  { errors, warnings, base, head }: Comparison & { readonly errors: Sides },
): void {
  for (const side of ['before', 'after'] as const) {
    const resolved = renderings[side]?.resolved;
    const application = placements[side]?.application;
    if (!resolved || !application) continue;
    const { declarations } = (side === 'before' ? base : head).parsed;
    const located = (found: readonly LocatedError[]) =>
      found.map((each) => withDeclaredPlace(each, application.path, declarations.get(application.name)));
    if ('errors' in resolved) errors[side].add(cluster, located(resolved.errors));
    else warnings[side].add(cluster, located(resolved.warnings));
  }
}

function objectsOf(rendering: Rendering | undefined) {
  return rendering && 'bundle' in rendering.resolved ? rendering.resolved.bundle.objects : undefined;
}

function digestOf(rendering: Rendering | undefined): string | undefined {
  return rendering && 'digest' in rendering.resolved ? rendering.resolved.digest : undefined;
}
