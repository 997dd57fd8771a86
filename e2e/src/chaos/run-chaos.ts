import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { tempDir } from '@meridian/testkit';
import { audit } from './audit/audit.ts';
import type { CaseFile, Violation } from './audit/facts.ts';
import { approveAllTheTime } from './faults/desk.ts';
import { longestWaitMs, timed } from './faults/fault.ts';
import type { Fault, Measure, Scene } from './faults/fault.ts';
import { plannedFaults } from './faults/plan.ts';
import type { Planned } from './faults/plan.ts';
import { Author } from './rig/author.ts';
import { leakedSecrets } from './rig/leaks.ts';
import { probe, staged, stagesOf } from './rig/manifests.ts';
import { startRig } from './rig/rig.ts';
import { Witness } from './witness/witness.ts';

/** What to run, and for how long. */
export interface ChaosOptions {
  readonly seed: number;
  /** No fault begins after this long; the present one, and the audit, follow. */
  readonly durationMs: number;
  readonly hubs: number;
  readonly clusters: number;
  /** The faults that may happen. */
  readonly faults: readonly Fault[];
  /** Ends after so many faults. */
  readonly most?: number;
  /** An empty folder for the data and the logs of the run, which stay there; a temporary one that does not unless told. */
  readonly dir?: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** One fault that happened. */
export interface Struck {
  readonly kind: string;
  readonly row: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly measures: readonly Measure[];
}

/** What a run has come to. */
export interface ChaosReport {
  readonly seed: number;
  readonly struck: readonly Struck[];
  readonly violations: readonly Violation[];
  readonly commits: number;
  readonly messages: number;
  readonly assignments: number;
  readonly words: number;
}

const commitEveryMs = 1_500;
const betweenFaultsMs = 1_000;

/** Starts a fleet, strikes it with the faults of a seed while commits are made, lets it settle, and audits everything seen. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using own = await tempDir('chaos');
  const dir = { path: options.dir ?? own.path };
  const { seed, signal, progress } = options;
  const clusters = Array.from({ length: options.clusters }, (_, index) => `cluster-${index + 1}`);
  const hubs = Array.from({ length: options.hubs }, (_, index) => `hub-${index + 1}`);
  const mishaps: Violation[] = [];
  const losses: number[] = [];
  const acknowledged: { reason: string; atMs: number }[] = [];
  const author = new Author(join(dir.path, 'clone'), clusters, seed);
  await author.begin(join(dir.path, 'fleet.git'));
  progress(`starting ${hubs.length} hubs and ${clusters.length} agents`);
  const onEnded = (name: string, how: string) =>
    void mishaps.push({ invariant: 'ended', atMs: Date.now(), message: `${name}: ${how}` });
  await using rig = await startRig({ dir: dir.path, hubs, clusters, onEnded, signal });
  await using witness = await Witness.start(rig);
  const scene: Omit<Scene, 'random'> = {
    ...{ rig, witness, author, signal },
    noteLoss: () => void losses.push(Date.now()),
    noteAcknowledged: (reason) => void acknowledged.push({ reason, atMs: Date.now() }),
  };
  await settled(scene, mishaps);
  const working = new AbortController();
  const work = commitAllTheTime(author, AbortSignal.any([signal, working.signal]));
  const approving = new AbortController();
  const desk = approveAllTheTime(scene, AbortSignal.any([signal, approving.signal]));
  const struck = await strikeAll(scene, options, mishaps);
  working.abort();
  await work;
  await author.mend();
  progress('waiting until everything is as the last commit says');
  await settled(scene, mishaps);
  approving.abort();
  await desk;
  await witness.caughtUp();
  mishaps.push(...(await leakedSecrets(rig.logs, rig.keys.secrets)));
  const stages = stagesOf(clusters).map((stage) => stage.clusters);
  const file: CaseFile = {
    ...{ ledger: witness.ledger, statuses: witness.statuses, statusGaps: witness.statusGaps },
    ...{ held: witness.held, removals: witness.removals },
    ...{ commits: author.commits, acknowledged, losses, mishaps },
    stages: new Map([...staged.map(({ name }) => [name, stages] as const), [probe, [clusters]]]),
    found: witness.contents(),
    wanted: author.wanted(),
  };
  return {
    ...{ seed, struck, violations: audit(file, Date.now()), commits: author.commits.size },
    messages: witness.ledger.length,
    assignments: witness.ledger.filter(({ body }) => body.kind === 'assign').length,
    words: acknowledged.length,
  };
}

/**
 * Every cluster holds what the last commits say; what takes for ever is a mishap. Halfway a person would push again: a rollout
 * that met its deadline while the fleet was struck has halted, or gone back, by its strategy.
 */
async function settled(
  { witness, author, signal }: Omit<Scene, 'random'>,
  mishaps: Violation[],
): Promise<void> {
  const isSettled = () => witness.differences(author.wanted()).length === 0;
  if ((await timed({ signal }, isSettled, performance.now(), longestWaitMs / 2)) <= longestWaitMs / 2) return;
  await author.mend();
  if ((await timed({ signal }, isSettled)) <= longestWaitMs) return;
  const [why = 'it had just done so'] = witness.differences(author.wanted());
  mishaps.push({ invariant: 'converged', atMs: Date.now(), message: `not in time: ${why}` });
}

async function commitAllTheTime(author: Author, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The repository may be gone just now; the next push takes along what this one could not.
    await author.next().catch(() => undefined);
    await systemClock.wait(commitEveryMs, signal);
  }
}

async function strikeAll(
  scene: Omit<Scene, 'random'>,
  { seed, durationMs, faults, most = Infinity, progress }: ChaosOptions,
  mishaps: Violation[],
): Promise<Struck[]> {
  const struck: Struck[] = [];
  const endMs = performance.now() + durationMs;
  for (const planned of plannedFaults(seed, faults)) {
    if (struck.length >= most || performance.now() > endMs || scene.signal.aborted) break;
    await systemClock.wait(betweenFaultsMs, scene.signal);
    const one = await strike(scene, planned, mishaps);
    struck.push(one);
    progress(
      `${one.kind}: ${one.measures.map(({ what, ms }) => `${what} after ${(ms / 1_000).toFixed(1)} s`).join(', ')}`,
    );
  }
  return struck;
}

/** Makes a fault, and when it is over a commit that has to reach every cluster. */
async function strike(
  scene: Omit<Scene, 'random'>,
  { fault, random }: Planned,
  mishaps: Violation[],
): Promise<Struck> {
  const { author, witness, rig } = scene;
  const beganAtMs = Date.now();
  const measures = await fault.strike({ ...scene, random });
  const value = await author.probe();
  const clusters = [...rig.clusters.keys()];
  const isThere = () => {
    const found = witness.contents();
    return clusters.every((cluster) => found.get(`${cluster}/${probe}`)?.get('ConfigMap/settings') === value);
  };
  const ms = await timed(scene, isThere);
  const endedAtMs = Date.now();
  if (ms > longestWaitMs) {
    const message = `after "${fault.kind}" a commit did not reach every cluster within ${longestWaitMs} ms`;
    mishaps.push({ invariant: 'converged', atMs: endedAtMs, message });
  }
  const converged = { what: 'new commit everywhere', ms, goalMs: fault.convergeGoalMs };
  return { kind: fault.kind, row: fault.row, beganAtMs, endedAtMs, measures: [...measures, converged] };
}
