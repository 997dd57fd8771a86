import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { tempDir } from '@meridian/testkit';
import { audit } from './audit/audit.ts';
import type { CaseFile, Violation } from './audit/facts.ts';
import { promotionsIn } from './audit/promotions.ts';
import { approveAllTheTime } from './faults/desk.ts';
import { longestWaitMs, timed } from './faults/fault.ts';
import type { Fault, Measure, Scene } from './faults/fault.ts';
import { plannedFaults } from './faults/plan.ts';
import type { Planned } from './faults/plan.ts';
import { Author } from './rig/author.ts';
import { leakedSecrets } from './rig/leaks.ts';
import { measured, probe, soaking, staged, stagesOf } from './rig/manifests.ts';
import { replicaDifferences } from './rig/replicas.ts';
import { startRig } from './rig/rig.ts';
import { Witness } from './witness/witness.ts';

/** What to run, and for how long. */
export interface ChaosOptions {
  readonly seed: number;
  /** No fault begins after this long; the present one, and the audit, follow. */
  readonly durationMs: number;
  readonly hubs: number;
  readonly clusters: number;
  /** Servers of NATS: 1 or 3. */
  readonly natsServers: number;
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
  /** One, or those of the runs that were added up. */
  readonly seeds: readonly number[];
  readonly struck: readonly Struck[];
  /** Faults that could not be made here, and why. */
  readonly leftOut: readonly { readonly kind: string; readonly row: string; readonly why: string }[];
  readonly violations: readonly Violation[];
  readonly commits: number;
  readonly messages: number;
  readonly assignments: number;
  readonly words: number;
  /** Soaks that somebody skipped. */
  readonly promotions: number;
  /** Deletions that waited for somebody's word, and had it. */
  readonly approvals: number;
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
  const isMeasured = options.faults.some(({ row }) => row === 'F23');
  const applications = [...staged.map(({ name }) => name), soaking.name, ...(isMeasured ? [measured] : [])];
  const author = new Author({ dir: join(dir.path, 'clone'), clusters, applications, seed });
  await author.begin(join(dir.path, 'fleet.git'));
  progress(`starting ${hubs.length} hubs and ${clusters.length} agents`);
  const onEnded = (name: string, how: string) =>
    void mishaps.push({ invariant: 'ended', atMs: Date.now(), message: `${name}: ${how}` });
  await using rig = await startRig({
    ...{ dir: dir.path, hubs, clusters, natsServers: options.natsServers, onEnded, signal },
  });
  await using witness = await Witness.start(rig);
  const scene: Omit<Scene, 'random'> = {
    ...{ rig, witness, author, signal },
    noteLoss: () => void losses.push(Date.now()),
    noteMishap: (invariant, message) => void mishaps.push({ invariant, atMs: Date.now(), message }),
    noteAcknowledged: (reason) => void acknowledged.push({ reason, atMs: Date.now() }),
  };
  await settled(scene, mishaps);
  const working = new AbortController();
  const work = commitAllTheTime(author, AbortSignal.any([signal, working.signal]));
  const approving = new AbortController();
  const desk = approveAllTheTime(scene, AbortSignal.any([signal, approving.signal]));
  const leftOut = options.faults.flatMap(({ kind, row, whyNot }) => {
    const why = whyNot?.(rig);
    return why === undefined ? [] : [{ kind, row, why }];
  });
  const faults = options.faults.filter(({ whyNot }) => whyNot?.(rig) === undefined);
  const struck = await strikeAll(scene, { ...options, faults }, mishaps);
  working.abort();
  await work;
  await author.mend();
  progress('waiting until everything is as the last commit says');
  await settled(scene, mishaps);
  approving.abort();
  await desk;
  await witness.caughtUp();
  mishaps.push(...(await replicaDifferences(rig.nats.servers, signal)));
  // Each question may be answered by another server.
  const stored = [await witness.stored(), await witness.stored()];
  mishaps.push(...(await leakedSecrets(rig.logs, rig.keys.secrets)));
  const stages = stagesOf(clusters).map((stage) => stage.clusters);
  const file: CaseFile = {
    ...{ ledger: witness.ledger, stored, statuses: witness.statuses, statusGaps: witness.statusGaps },
    ...{ held: witness.held, removals: witness.removals },
    ...{ commits: author.commits, acknowledged, losses, mishaps },
    stages: new Map([...applications.map((name) => [name, stages] as const), [probe, [clusters]]]),
    found: witness.contents(),
    wanted: author.wanted(),
    ...{
      soaksMs: new Map([[soaking.name, soaking.soakMs]]),
      measured: new Map([[measured, stages[0] ?? []]]),
      answers: rig.metrics.answers,
    },
  };
  writeFileSync(join(dir.path, 'case-file.json'), JSON.stringify(file, plain));
  return {
    ...{ seeds: [seed], struck, leftOut, violations: audit(file, Date.now()), commits: author.commits.size },
    messages: witness.ledger.length,
    assignments: witness.ledger.filter(({ body }) => body.kind === 'assign').length,
    words: acknowledged.length,
    promotions: promotionsIn(witness.ledger).length,
    approvals: witness.ledger.filter(({ subject }) => subject.split('.')[2] === 'approval').length,
  };
}

/** Maps as JSON can hold them. */
function plain(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
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
  if (faults.length === 0) return struck;
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

/** Makes a fault while a release soaks its way through the stages, and when it is over a commit that has to reach every cluster. */
async function strike(
  scene: Omit<Scene, 'random'>,
  { fault, random }: Planned,
  mishaps: Violation[],
): Promise<Struck> {
  const { author, witness, rig } = scene;
  await author.bring(soaking.name);
  const beganAtMs = Date.now();
  const measures = await fault.strike({ ...scene, random });
  const value = await author.bring(probe);
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
