import type { NeededApproval } from '@meridian/diff';
import type { LocatedError } from '@meridian/fleet';
import { countText, oneLine } from '../text.ts';
import { foldAlike, type AlikeChanges, type LabelsOf } from './alike.ts';
import { clustersText, namesText } from './cluster-names.ts';
import type { FleetPlan, PlannedApplication, PlannedProblem } from './fleet-plan.ts';
import { fieldLines, objectLines, type PlanLine } from './lines.ts';
import { waitNotes } from './waits.ts';

/** A part of a plan as text and Markdown show it: a title, what is to be seen at once, and the changes place by place. */
export interface PlanSection {
  readonly title: string;
  /** How grave it is. */
  readonly tone: 'plain' | 'bad' | 'busy';
  readonly notes: readonly string[];
  readonly blocks: readonly { readonly title: string; readonly lines: readonly PlanLine[] }[];
}

/** The plan in one sentence. */
export function headline({ summary, problems }: FleetPlan): string {
  const { created, changed, moved, deleted, left, hooks, frozen } = summary;
  const counts = [
    [created, 'created'],
    [changed, 'changed'],
    [moved, 'moved'],
    [deleted, 'DELETED'],
    [left, 'left behind'],
    [hooks, hooks === 1 ? 'hook runs' : 'hooks run'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const where = `in ${countText(summary.clusters, 'cluster')} of ${countText(summary.applications, 'application')}`;
  const parts = [
    ...(told.length > 0 ? [`objects ${where}: ${told.join(', ')}`] : ['no object changes in any cluster']),
    ...(frozen > 0 ? [`${countText(frozen, 'application')} FROZEN`] : []),
    ...(problems.length > 0 ? [countText(problems.length, 'problem') + ' in the fleet configuration'] : []),
    ...(summary.approvals > 0 ? [`${countText(summary.approvals, 'approval')} needed`] : []),
  ];
  return parts.join('; ');
}

/** Everything that a plan says, the gravest first within what belongs together. */
export function sectionsOf(plan: FleetPlan, labelsOf: LabelsOf): readonly PlanSection[] {
  const sections: PlanSection[] = [];
  if (plan.problems.length > 0)
    sections.push({
      title: 'fleet configuration',
      tone: 'bad',
      notes: plan.problems.flatMap((each) => problemNotes(each, plan.fleetClusters)),
      blocks: [],
    });
  sections.push(
    ...plan.applications.map((each) => applicationSection(each, { all: plan.fleetClusters, labelsOf })),
  );
  if (plan.warnings.length > 0)
    sections.push({
      title: 'warnings',
      tone: 'busy',
      notes: plan.warnings.flatMap(({ clusters, items }) =>
        items.flatMap((item) => locatedNotes(item, clusters, plan.fleetClusters)),
      ),
      blocks: [],
    });
  return sections;
}

interface Fleet {
  /** How many clusters it has. */
  readonly all: number;
  readonly labelsOf: LabelsOf;
}

function applicationSection(planned: PlannedApplication, fleet: Fleet): PlanSection {
  const { application } = planned;
  switch (planned.outcome) {
    case 'frozen':
      return {
        title: `${application}: FROZEN at its last good release, in every cluster`,
        tone: 'bad',
        notes: planned.problems.flatMap((each) => problemNotes(each, fleet.all)),
        blocks: [],
      };
    case 'mended':
      return {
        title: `${application}: no longer frozen`,
        tone: 'busy',
        notes: ['the base cannot be rendered, so what changes cannot be told'],
        blocks: [],
      };
    case 'vanished':
      return {
        title: `${application}: in no document any more`,
        tone: 'busy',
        notes: [
          'it stays as it is in every cluster; to remove it, first let its placement select no cluster',
        ],
        blocks: [],
      };
    default:
      return changedSection(planned, fleet);
  }
}

function changedSection(
  planned: Extract<PlannedApplication, { readonly outcome: 'new' | 'changed' }>,
  { all, labelsOf }: Fleet,
): PlanSection {
  const { application, settings, placed, withdrawn, changes, approvals, waitsFor = [] } = planned;
  const isNew = planned.outcome === 'new';
  return {
    title: `${application}${isNew ? ': new' : ''}`,
    tone: approvals.length > 0 ? 'bad' : 'plain',
    notes: [
      ...(placed.length > 0 ? [`comes to ${countText(placed.length, 'cluster')}: ${namesText(placed)}`] : []),
      ...(withdrawn.length > 0
        ? [`WITHDRAWN from ${countText(withdrawn.length, 'cluster')}: ${namesText(withdrawn)}`]
        : []),
      ...approvals.flatMap(({ clusters, items }) =>
        items.map((item) => `${clustersText(clusters, all)}: ${approvalText(item)}`),
      ),
      ...waitsFor.flatMap(waitNotes),
    ],
    blocks: [
      ...(settings.length > 0
        ? [{ title: 'settings', lines: settings.flatMap((field) => fieldLines(field, '')) }]
        : []),
      ...foldAlike(changes, labelsOf).map((each) => ({
        title: alikeText(each, all),
        lines: each.items.flatMap(objectLines),
      })),
    ],
  };
}

function alikeText({ clusters, varies }: AlikeChanges, all: number): string {
  const where = clustersText(clusters, all);
  return varies.length === 0
    ? where
    : `${where}; alike but for ${varies.map((name) => `{${name}}`).join(', ')}`;
}

function approvalText({ why, deletions, allowed }: NeededApproval): string {
  const objects = countText(deletions, 'object');
  switch (why) {
    case 'withdrawn':
      return `NEEDS APPROVAL: it is withdrawn with its ${objects}`;
    case 'emptied':
      return `NEEDS APPROVAL: nothing is left of its ${objects}`;
    case 'over budget':
      return `NEEDS APPROVAL: ${objects} deleted, the budget is ${allowed}`;
  }
}

function problemNotes(problem: PlannedProblem, all: number): readonly string[] {
  const { clusters, isNew, ...error } = problem;
  const [first = '', ...more] = locatedNotes(error, clusters, all);
  return [`${isNew ? '' : 'as at the base: '}${first}`, ...more];
}

function locatedNotes(error: LocatedError, clusters: readonly string[], all: number): readonly string[] {
  const { file, line, field, message, fix } = error;
  const place = [line === undefined ? file : `${file}:${line}`, ...(field === undefined ? [] : [field])];
  const where = clusters.length > 0 ? ` (${clustersText(clusters, all)})` : '';
  return [
    oneLine(`${place.join(' ')}: ${message}${where}`),
    ...(fix === undefined ? [] : [oneLine(`  fix: ${fix}`)].map((text) => `  ${text}`)),
  ];
}
