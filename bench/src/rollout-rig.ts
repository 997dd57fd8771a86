import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectNats, natsServerConfig, openLedger } from '@meridian/ledger';
import type { Ledger } from '@meridian/ledger';
import { systemClock } from '@meridian/runtime';
import { ensureParts, freePort, startNats, startRedis, tempDir, until } from '@meridian/testkit';
import type { RedisServer } from '@meridian/testkit';
import type { BenchContext } from './bench.ts';
import { startLightAgents } from './light-agents-process.ts';
import type { LightAgentsProcess } from './light-agents-process.ts';
import { applicationFiles, clusterNames, fleetFiles } from './rollout-files.ts';
import type { RepoFiles } from './rollout-files.ts';
import { rolloutHub } from './rollout-hub.ts';
import type { RolloutHub } from './rollout-hub.ts';
import { makeIdentity } from './rollout-identity.ts';
import type { RolloutIdentity } from './rollout-identity.ts';
import { callWebhook, makeRepo } from './rollout-repo.ts';
import type { RolloutRepo } from './rollout-repo.ts';
import { watchLedger } from './rollout-watch.ts';
import type { LedgerWatch } from './rollout-watch.ts';

/** A fleet of real servers and real hubs, with light agents as its clusters. */
export interface RolloutRig extends AsyncDisposable {
  readonly context: BenchContext;
  readonly clusters: readonly string[];
  readonly hubs: readonly RolloutHub[];
  readonly agents: LightAgentsProcess;
  readonly repo: RolloutRepo;
  readonly ledger: Ledger;
  readonly watch: LedgerWatch;
  readonly redis: RedisServer;
  readonly identity: RolloutIdentity;
}

/** A hub of the fleet that runs and does not lead; the only one when there is one. */
export function anotherHub({ hubs, watch }: RolloutRig): RolloutHub {
  const other = hubs.find(({ name }) => name !== watch.leader().holder) ?? hubs[0];
  if (!other) throw new Error('the fleet has no hub');
  return other;
}

/** Moves the branch to a commit and tells a hub; gives Unix time in milliseconds just before. */
export async function publish(rig: RolloutRig, commit: string): Promise<number> {
  const atMs = Date.now();
  await rig.repo.move(commit);
  await callWebhook(anotherHub(rig).api, rig.identity.webhookSecret, commit);
  return atMs;
}

/** Waits until every agent's stream is welcomed by some hub. */
export async function allAttached({ agents, clusters }: RolloutRig, withinMs = 120_000): Promise<void> {
  const attached = async () =>
    (await agents.ask({ kind: 'attached' })) === clusters.length ? true : undefined;
  await until('every agent attached', attached, withinMs);
}

/** Adds applications in one commit, and waits until every agent has all of them. */
export async function addApplications(rig: RolloutRig, names: readonly string[]): Promise<void> {
  const files = names.map((name) => applicationFiles(name));
  await publish(rig, await rig.repo.stage(Object.assign({}, ...files) as RepoFiles));
  for (const application of names)
    await until(
      `${application} in every cluster`,
      async () => {
        const have = await rig.agents.ask({ kind: 'have', application });
        return have === rig.clusters.length ? true : undefined;
      },
      600_000,
    );
}

/** Starts all of it: nats-server, redis-server, a repo, hubs one after the other, and the agents. */
export async function startRig(
  size: { readonly clusters: number; readonly hubs: number },
  context: BenchContext,
): Promise<RolloutRig> {
  await ensureParts(['nats-server', 'redis-server'], {
    onProgress: context.progress,
    signal: context.signal,
  });
  await using started = new AsyncDisposableStack();
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const folder = started.use(await tempDir('bench-rollout'));
  const clusters = clusterNames(size.clusters);
  const hubNames = Array.from({ length: size.hubs }, (_, index) => `hub-${index + 1}`);
  const identity = makeIdentity(folder.path, hubNames, clusters);
  const repo = await makeRepo(folder.path, fleetFiles(size.clusters));
  const natsUrl = await startServer(folder.path, identity, started);
  const redis = started.use(await startRedis({ dir: folder.path }));
  const shared = { dir: folder.path, repo: repo.url, identity, natsUrl, redisUrl: redis.url, signal };
  const hubs: RolloutHub[] = [];
  for (const name of hubNames) {
    const hub = await rolloutHub(name, shared);
    started.defer(() => hub.kill());
    await hub.start('ready');
    hubs.push(hub);
  }
  const { seed } = identity.hubNkey;
  const connection = started.use(await connectNats({ url: natsUrl, seed, name: 'bench', signal }));
  const ledger = await openLedger({ connection, shard: 'main', holder: 'bench', clock: systemClock });
  const watch = watchLedger(ledger, signal);
  // Before the connection closes: what still follows something ends by it.
  started.defer(() => over.abort());
  context.progress(`starting ${clusters.length} light agents in one process`);
  const agents = started.use(
    await startLightAgents(folder.path, agentConfigs(identity, { natsUrl, hubs }), signal),
  );
  const all = started.move();
  const rig = { context, clusters, hubs, agents, repo, ledger, watch, redis, identity };
  return { ...rig, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function startServer(
  dir: string,
  identity: RolloutIdentity,
  started: AsyncDisposableStack,
): Promise<string> {
  const port = await freePort();
  const storeDir = join(dir, 'nats-store');
  mkdirSync(storeDir);
  const clusters = [...identity.clusterNkeys].map(([name, { publicKey }]) => ({ name, publicKey }));
  const config = natsServerConfig({ hubPublicKey: identity.hubNkey.publicKey, clusters, port, storeDir });
  return started.use(await startNats({ dir, config, port })).url;
}

function agentConfigs(
  identity: RolloutIdentity,
  { natsUrl, hubs }: { readonly natsUrl: string; readonly hubs: readonly RolloutHub[] },
) {
  return [...identity.clusterNkeys].map(([cluster, { seed }]) => ({
    cluster,
    natsUrl,
    natsSeed: seed,
    linkUrls: hubs.map(({ linkUrl }) => linkUrl),
    caFile: identity.file('authority.crt'),
    certFile: identity.file(`${cluster}.crt`),
    keyFile: identity.file(`${cluster}.key`),
    trustedKeys: [identity.trustedKey],
  }));
}
