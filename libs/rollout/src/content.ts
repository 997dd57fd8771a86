import { canonicalJson, sha256Digest } from '@meridian/manifests';
import type { Release } from '@meridian/fleet';
import type { ReleaseMade } from './events.ts';
import { planStages, windowsOf } from './plan.ts';
import type { Pin, Policy, RolloutState, StageProgress } from './state.ts';

/** How many hex digits of a digest tell the bundles of one cluster apart; a pin has one of each cluster. */
const markLength = 16;

/**
 * Equal for every cluster: same bundles, same set of clusters, same policy. Another strategy, other dependencies, or labels that put
 * clusters into other stages, matter while a rollout is not over.
 */
export function isSameContent(state: RolloutState, event: ReleaseMade): boolean {
  const { release, policy, back } = state.target;
  const isSettled = state.phase === 'completed' || state.phase === 'aborted' || back !== undefined;
  return (
    isEqual(back ? bundlesAfter(state) : digests(release), digests(event.release)) &&
    isEqual(policy, event.policy) &&
    (isSettled || isSamePlan(state, event))
  );
}

/** What a rollback leaves every cluster with: it passes over some, withdraws from none, and may have been given up. */
function bundlesAfter(state: RolloutState): { [cluster: string]: string } {
  const now = Object.entries(state.placed).flatMap(([cluster, { bundle }]): [string, string][] =>
    bundle === undefined ? [] : [[cluster, bundle]],
  );
  const moving = state.phase === 'rollingBack' ? state.stages.flatMap(({ clusters }) => clusters) : [];
  const next = moving.flatMap(({ name }): [string, string][] => {
    const bundle = state.target.release.bundles[name];
    return bundle === undefined ? [] : [[name, bundle.digest]];
  });
  return Object.fromEntries([...now, ...next]);
}

function isSamePlan(state: RolloutState, event: ReleaseMade): boolean {
  const { release, strategy, labels } = event;
  if (!isEqual(state.target.strategy, strategy)) return false;
  if (!isEqual(state.target.dependsOn ?? [], event.dependsOn ?? [])) return false;
  const order = (stages: readonly StageProgress[]) =>
    stages.map(({ name, clusters }) => ({ name, clusters: clusters.map((cluster) => cluster.name) }));
  const planned = planStages(strategy, Object.keys(release.bundles), labels);
  return isEqual(order(state.stages), order(planned)) && isSameWindows(state, event);
}

/** Whether labels put the clusters into the same windows as before, or it does not matter now. */
function isSameWindows({ phase, target }: RolloutState, event: ReleaseMade): boolean {
  if (phase === 'halted' || target.windowsBroken) return true;
  return isEqual(target.windows ?? {}, windowsOf(event).windows ?? {});
}

/** What a pin remembers of the release that git says, beside who pinned what and why. */
type LeftContent = Pick<Pin, 'release' | 'revision' | 'bundles' | 'policy' | 'differs'>;

/** The part of a pin that is about git, when the fleet leaves a release for another one. */
export function leftContent(
  { release, policy }: { readonly release: Release; readonly policy: Policy },
  pinnedTo: Release,
): LeftContent {
  const { digest, revision } = release;
  const left = { release: digest, revision, bundles: marks(release), policy: digestOf(policy) };
  return stillLeft(left, pinnedTo);
}

/** The same of a pin that stays while the fleet goes to yet another release. */
export function stillLeft(
  { release, revision, bundles, policy }: Omit<LeftContent, 'differs'>,
  pinnedTo: Release,
): LeftContent {
  const there = marks(pinnedTo);
  const differs = Object.keys(bundles).filter((cluster) => bundles[cluster] !== there[cluster]);
  return { release, revision, bundles, policy, differs: differs.sort() };
}

/**
 * Whether a release has what a pin has left in every cluster that both have. A cluster that joins or leaves does not make
 * it a newer one; nothing in common does.
 */
export function isLeft(pin: Pin, { release, policy }: ReleaseMade): boolean {
  const now = marks(release);
  const common = Object.keys(pin.bundles).filter((cluster) => now[cluster] !== undefined);
  return (
    common.length > 0 &&
    digestOf(policy) === pin.policy &&
    common.every((cluster) => now[cluster] === pin.bundles[cluster])
  );
}

/** Whether two values are the same, in whatever order their keys are: one side may have come back from JSON. */
export function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function digestOf(policy: Policy): string {
  return sha256Digest(canonicalJson(policy));
}

function digests(release: Release): { [cluster: string]: string } {
  return Object.fromEntries(
    Object.entries(release.bundles).map(([cluster, { digest }]) => [cluster, digest]),
  );
}

function marks(release: Release): { [cluster: string]: string } {
  return Object.fromEntries(
    Object.entries(release.bundles).map(([cluster, { digest }]) => [
      cluster,
      digest.replace(/^sha256:/, '').slice(0, markLength),
    ]),
  );
}
