import {
  isIdle,
  planApplication,
  withMoves,
  type ApplicationDocuments,
  type ComparedApplication,
} from '@meridian/diff';
import { idleOverrides } from '@meridian/fleet';
import {
  comparedClusters,
  placementsOf,
  type Comparison,
  type Documents,
  type Sides,
} from './compare-clusters.ts';
import { summaryOf, type FleetPlan, type PlannedApplication } from './fleet-plan.ts';
import { inLanes } from './in-lanes.ts';
import { configurationFindings, Findings } from './problems.ts';
import type { RenderTools } from './rendering.ts';
import type { Revision } from './revision.ts';
import { touchedPlacements } from './untouched.ts';
import { withWaits } from './waits.ts';

/** Applications under way at once: a slow one holds up none of the others, and few are held in memory. */
const mostApplications = 16;

/** Renders every application for every cluster at two revisions and compares them; what is made of the same is rendered once. */
export async function compareRevisions(
  base: Revision,
  head: Revision,
  tools: RenderTools,
): Promise<FleetPlan> {
  const comparison = { base, head, tools };
  const found = await inLanes(namesIn(base, head), mostApplications, (name) =>
    plannedApplication(name, comparison),
  );
  const compared = withMoves(found.flatMap((each) => each.compared ?? []));
  const applications = [...found.flatMap(({ planned }) => planned ?? []), ...compared.flatMap(planOf)].sort(
    (left, right) => (left.application < right.application ? -1 : 1),
  );
  const planned = withWaits(applications, head.parsed.config);
  const warnings = emptySides();
  for (const each of found)
    for (const side of ['before', 'after'] as const)
      if (each.warnings) warnings[side].addAll(each.warnings[side]);
  const [before, after] = [base, head].map(({ parsed }) => configurationFindings(parsed.problems, undefined));
  return {
    base: base.id,
    head: head.id,
    fleetClusters: head.parsed.config.clusters.length,
    summary: summaryOf(planned),
    applications: planned,
    problems: after?.problems(before ?? new Findings()) ?? [],
    warnings: warnings.after.without(warnings.before),
  };
}

/** What happens to an application, nothing when nothing does, and what is worth a warning. */
interface Planned {
  readonly planned?: PlannedApplication | undefined;
  /** Its clusters, when it is resolved at both revisions: what moves is told by comparing it with the others. */
  readonly compared?: Compared;
  readonly warnings?: Sides;
}

function emptySides(): Sides {
  return { before: new Findings(), after: new Findings() };
}

function namesIn(...revisions: readonly Revision[]): readonly string[] {
  const names = revisions.flatMap(({ parsed }) => [
    ...Object.keys(parsed.origins),
    ...parsed.config.applications.map(({ name }) => name),
  ]);
  return [...new Set(names)].sort();
}

async function plannedApplication(name: string, work: Comparison): Promise<Planned> {
  const [before, after] = [work.base, work.head].map((one) => documentsOf(one, name));
  return after
    ? comparedApplication({ before, after }, work)
    : { planned: lostApplication(name, before, work) };
}

/** One that the head does not have, or has with mistakes. */
function lostApplication(
  name: string,
  before: ApplicationDocuments | undefined,
  { base, head }: Comparison,
): PlannedApplication | undefined {
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

async function comparedApplication(documents: Documents, work: Comparison): Promise<Planned> {
  const all = placementsOf(documents, work);
  const placements = await touchedPlacements(documents, all, work);
  if (all.length > 0 && placements.length === 0) return {};
  const application = documents.after.application.name;
  const { errors, warnings, clusters, isSame } = await comparedClusters(documents, placements, work);
  noteIdleOverrides(documents, work, warnings);
  errors.before.addAll(configurationFindings(work.base.parsed.problems, application));
  // What was frozen before and is not touched stays frozen: that is nothing that the change does.
  if (!errors.after.isEmpty)
    return isSame
      ? { warnings }
      : {
          warnings,
          planned: { outcome: 'frozen', application, problems: errors.after.problems(errors.before) },
        };
  const isUnknown = documents.before === undefined && Object.hasOwn(work.base.parsed.origins, application);
  if (!errors.before.isEmpty || isUnknown)
    return {
      warnings,
      planned: { outcome: 'mended', application, clusters: clusters.map(({ cluster }) => cluster).sort() },
    };
  const after = documents.after.application.namespace;
  const namespaces = { before: documents.before?.application.namespace ?? after, after };
  return { warnings, compared: { application, namespaces, documents, clusters } };
}

interface Compared extends ComparedApplication {
  readonly documents: Documents;
}

function planOf({ documents, clusters }: Compared): readonly PlannedApplication[] {
  const plan = planApplication({ ...documents, clusters });
  if (!documents.before) return [{ outcome: 'new', ...plan }];
  return isIdle(plan) ? [] : [{ outcome: 'changed', ...plan }];
}

function noteIdleOverrides({ before, after }: Documents, { base, head }: Comparison, warnings: Sides): void {
  const note = (found: Findings, documents: ApplicationDocuments | undefined, { parsed }: Revision): void => {
    const declaration = documents && parsed.declarations.get(documents.application.name);
    if (declaration)
      found.add(undefined, idleOverrides(documents.application, parsed.config.clusters, declaration));
  };
  note(warnings.before, before, base);
  note(warnings.after, after, head);
}
