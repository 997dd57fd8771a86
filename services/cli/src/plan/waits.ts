import { matchesSelector } from '@meridian/fleet';
import type { Dependency, FleetConfig } from '@meridian/fleet';
import type { PlannedApplication, PlannedWait } from './fleet-plan.ts';

/**
 * What each application that changes waits for, by the `dependsOn` of the head. Whether that is healthy in a cluster now only a hub
 * knows; a plan knows whether it changes as well, cannot be rendered, or does not run where it is waited for.
 */
export function withWaits(
  applications: readonly PlannedApplication[],
  config: Pick<FleetConfig, 'applications' | 'clusters'>,
): readonly PlannedApplication[] {
  const outcomes = new Map(applications.map(({ application, outcome }) => [application, outcome]));
  return applications.map((planned) => {
    if (planned.outcome !== 'new' && planned.outcome !== 'changed') return planned;
    const dependsOn = config.applications.find(({ name }) => name === planned.application)?.dependsOn ?? [];
    if (dependsOn.length === 0) return planned;
    const waitsFor = dependsOn.map((dependency): PlannedWait => {
      const missingIn = missing(planned.application, dependency, config);
      return { ...dependency, outcome: outcomes.get(dependency.application) ?? 'same', missingIn };
    });
    return { ...planned, waitsFor };
  });
}

function missing(
  waiting: string,
  { application, scope }: Dependency,
  config: Pick<FleetConfig, 'applications' | 'clusters'>,
): readonly string[] {
  if (scope === 'fleet') return [];
  const there = new Set(clustersOf(application, config));
  return clustersOf(waiting, config).filter((cluster) => !there.has(cluster));
}

function clustersOf(
  name: string,
  { applications, clusters }: Pick<FleetConfig, 'applications' | 'clusters'>,
): readonly string[] {
  const found = applications.find((one) => one.name === name);
  if (!found) return [];
  return clusters.flatMap((cluster) =>
    matchesSelector(found.placement, cluster.labels) ? [cluster.name] : [],
  );
}

const outcomeTexts: { readonly [outcome in PlannedWait['outcome']]: string } = {
  new: '; it is new here, and comes first',
  changed: '; it changes here, and its new release comes first',
  mended: '; it changes here, and its new release comes first',
  frozen: '; it is FROZEN, and nothing is pushed before it is mended',
  vanished: '; it is in no document any more',
  same: '',
};

/** `waits for registry in each cluster`, and where it would wait without end. */
export function waitNotes({ application, scope, outcome, missingIn }: PlannedWait): readonly string[] {
  const where = scope === 'fleet' ? ' to be healthy in the whole fleet' : ' to be healthy in each cluster';
  const [first, ...more] = missingIn;
  const names = more.length < 3 ? missingIn.join(', ') : `${first ?? ''} and ${more.length} more clusters`;
  return [
    `waits for ${application}${where}${outcomeTexts[outcome]}`,
    ...(first === undefined ? [] : [`WAITS WITHOUT END in ${names}: ${application} does not run there`]),
  ];
}
