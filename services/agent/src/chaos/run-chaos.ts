import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationStatus } from '@meridian/fleet';
import type { Kube } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import { ensureParts, freePort, startControlPlane, tempDir } from '@meridian/testkit';
import type { RunningProcess } from '@meridian/testkit';
import { applicationLabel } from '../ports.ts';
import { startHubRig } from '../testing/hub-rig.ts';
import type { HubRig } from '../testing/hub-rig.ts';
import { connectTestKube } from '../testing/rig.ts';
import { agentProcesses } from './agent-process.ts';
import type { AgentProcesses } from './agent-process.ts';
import { bundleOf, chaosGroup, chaosNamespace, emptyTree, lastCommit, nextCommit } from './commits.ts';
import type { Application, Commit, Tree } from './commits.ts';
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { expectedOf, mistakesIn } from './expected.ts';
import { startWitness } from './witness.ts';
import type { Witness } from './witness.ts';

/** How long and how wild. */
export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** After so many kills the agent is left alone until all is as git says, and everything is looked at. */
  readonly every: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** What came of it. */
export interface ChaosReport {
  readonly seed: number;
  readonly kills: number;
  /** Of these, between two certain calls. */
  readonly killsAtCalls: number;
  readonly disksLost: number;
  readonly commits: number;
  readonly looks: number;
  /** Longest time from a start to all as git says, with the grace of two seconds before anything is pruned. */
  readonly slowestMs: number;
  readonly hookRuns: number;
  /** Everything that is not as it has to be; empty when the promise holds. */
  readonly mistakes: readonly string[];
}

/** A run under way. */
interface Run {
  readonly options: ChaosOptions;
  readonly dice: Dice;
  readonly hub: HubRig;
  readonly kube: Kube;
  readonly processes: AgentProcesses;
  readonly witness: Witness;
  readonly uids: Map<string, string>;
  readonly generations: Map<Application, number>;
  readonly counts: { kills: number; atCalls: number; disks: number; looks: number; slowestMs: number };
  readonly mistakes: string[];
  tree: Tree;
}

/** How long an agent that nobody kills may take. */
const patienceMs = 120_000;

/** How long one that is to die at a call may take until it has got there, or has nothing to do. */
const restsAfterMs = 20_000;

/**
 * Kills real agent processes with SIGKILL, at random moments and at certain calls, while commits come, on a real API server and
 * a real nats-server; then lets one live and compares the cluster with what git says. The seed gives the same commits and
 * kills again; how far a process comes in so many milliseconds is up to the machine.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await ensureParts(['etcd', 'kube-apiserver', 'nats-server']);
  await using dir = await tempDir('chaos');
  const cluster = 'chaos';
  const planeDir = join(dir.path, 'plane');
  await using plane = await startControlPlane({
    name: cluster,
    dir: planeDir,
    minimal: true,
    durable: false,
  });
  await using hub = await startHubRig({ dir: dir.path, cluster, namespace: chaosNamespace });
  const kube = await connectTestKube(plane.kubeconfig);
  const ending = new AbortController();
  const mistakes: string[] = [];
  const failed = (error: unknown) => void mistakes.push(`the witness failed: ${String(error)}`);
  const witness = startWitness(plane, kube, { signal: ending.signal, failed });
  const environment = { ...hub.environment, MERIDIAN_KUBECONFIG: plane.kubeconfig };
  const run: Run = {
    options,
    dice: diceOf(options.seed),
    hub,
    kube,
    processes: agentProcesses(dir.path, environment, await freePort()),
    witness,
    uids: new Map(),
    generations: new Map(),
    counts: { kills: 0, atCalls: 0, disks: 0, looks: 0, slowestMs: 0 },
    mistakes,
    tree: emptyTree,
  };
  try {
    await rage(run);
    await settle(run, lastCommit(run.tree));
    return reportOf(run);
  } finally {
    ending.abort();
    kube.close();
  }
}

async function rage(run: Run): Promise<void> {
  const { kills, every, signal, progress } = run.options;
  while (run.counts.kills < kills && !signal.aborted) {
    await killOnce(run);
    if (run.counts.kills % every !== 0 && run.counts.kills < kills) continue;
    await settle(run, run.dice.percent(50) ? nextCommit(run.tree, run.dice) : undefined);
    const { looks } = run.counts;
    progress(`${run.counts.kills} kills, ${looks} looks, ${run.mistakes.length} mistakes`);
  }
}

async function publish(run: Run, { tree, changed }: Commit): Promise<void> {
  run.tree = tree;
  const published = changed.map((application) => ({ application, objects: bundleOf(tree, application) }));
  const generations = await run.hub.publish(published, 1_000);
  changed.forEach((application, index) => run.generations.set(application, generations[index] ?? 0));
}

/** One agent, one or two commits, one kill. */
async function killOnce(run: Run): Promise<void> {
  const { dice, processes, counts } = run;
  if (dice.percent(25)) {
    counts.disks += 1;
    await processes.loseDisk();
  }
  if (dice.percent(50)) await killAtCall(run);
  else await killAtMoment(run);
  counts.kills += 1;
}

async function killAtCall(run: Run): Promise<void> {
  const { dice, processes } = run;
  const death = { at: dice.below(20), when: dice.percent(50) ? 'unsent' : 'answered' } as const;
  await publish(run, nextCommit(run.tree, dice));
  run.hub.latest.clear();
  const agent = await processes.start(death);
  // One that has less to write lives on; then this is a kill of an agent that rests.
  const limit = performance.now() + restsAfterMs;
  while (agent.isRunning() && unfinished(run).length > 0 && performance.now() < limit) await delay(50);
  if (agent.isRunning()) await agent.kill();
  else run.counts.atCalls += 1;
}

async function killAtMoment(run: Run): Promise<void> {
  const { dice, processes } = run;
  const isEarly = dice.percent(30);
  const waitMs = dice.below(isEarly ? 2_500 : 900);
  if (isEarly) await publish(run, nextCommit(run.tree, dice));
  const agent = await processes.start(isEarly ? { at: 1_000_000, when: 'unsent' } : undefined);
  if (!isEarly) await publish(run, nextCommit(run.tree, dice));
  if (!isEarly && dice.percent(30)) {
    await delay(dice.below(400));
    await publish(run, nextCommit(run.tree, dice));
  }
  await delay(waitMs);
  await agent.kill();
}

/** Lets an agent live until all is as git says, and looks at everything. */
async function settle(run: Run, commit: Commit | undefined): Promise<void> {
  run.hub.latest.clear();
  const startedAt = performance.now();
  await using agent: RunningProcess = await run.processes.start();
  if (commit) await publish(run, commit);
  const wrong = await quiet(run, agent);
  run.counts.slowestMs = Math.max(run.counts.slowestMs, performance.now() - startedAt);
  run.counts.looks += 1;
  const at = `after ${run.counts.kills} kills, commit ${run.tree.commit}`;
  const doubles = run.witness.doubles().map((double) => `a hook ran twice: ${double}`);
  for (const mistake of [...wrong, ...doubles].map((text) => `${at}: ${text}`)) {
    run.mistakes.push(mistake);
    run.options.progress(mistake);
  }
  await agent.kill();
}

/** What is still wrong when patience is over; empty as soon as nothing is. */
async function quiet(run: Run, agent: RunningProcess): Promise<readonly string[]> {
  const limit = performance.now() + patienceMs;
  let wrong: readonly string[] = [];
  while (performance.now() < limit && !run.options.signal.aborted) {
    if (!agent.isRunning()) return [`the agent ended by itself: ${await agent.ended}`];
    const open = unfinished(run);
    // A look at what is under way would take what is to be made again for made again.
    wrong =
      open.length > 0
        ? open.map(([application, generation]) => notDone(run, application, generation))
        : await look(run);
    if (wrong.length === 0 || wrong.some((text) => text.endsWith('made again'))) return wrong;
    await delay(100);
  }
  return wrong;
}

const unfinished = ({ generations, hub }: Run) =>
  [...generations].filter(([application, generation]) => !isDone(hub.latest.get(application), generation));

const isDone = (status: ApplicationStatus | undefined, generation: number): boolean =>
  status?.generation === generation && status.sync === 'Synced' && status.health === 'Healthy';

function notDone(run: Run, application: Application, generation: number): string {
  const { generation: at, sync, health, message } = run.hub.latest.get(application) ?? {};
  return `application ${application} is not done at generation ${generation}: ${at} ${sync} ${health} ${message}`;
}

const kinds = [
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
  { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
] as const;

async function look(run: Run): Promise<readonly string[]> {
  const expected = expectedOf(run.tree);
  const hasKind = expected.has(`CustomResourceDefinition widgets.${chaosGroup}`);
  const asked = [...kinds, ...(hasKind ? [{ apiVersion: `${chaosGroup}/v1`, kind: 'Widget' }] : [])];
  const found: KubeObject[] = [];
  for (const query of asked) {
    const { items } = await run.kube.list(query, run.options.signal);
    found.push(...items.filter(isOfThisRun));
  }
  return mistakesIn(expected, found, run.uids);
}

/** Also what has lost its label: it would be an orphan. */
function isOfThisRun({ metadata }: KubeObject): boolean {
  if (metadata.labels?.[applicationLabel] !== undefined) return true;
  return metadata.namespace === chaosNamespace && metadata.name !== 'kube-root-ca.crt';
}

function reportOf({ options, counts, tree, witness, mistakes }: Run): ChaosReport {
  return {
    seed: options.seed,
    kills: counts.kills,
    killsAtCalls: counts.atCalls,
    disksLost: counts.disks,
    commits: tree.commit,
    looks: counts.looks,
    slowestMs: Math.round(counts.slowestMs),
    hookRuns: witness.runs(),
    mistakes,
  };
}
