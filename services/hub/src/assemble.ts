import { join } from 'node:path';
import { openMirror } from '@meridian/git';
import { openLease } from '@meridian/lease';
import { connectNats, lastGoodSeed, openLedgerWhenThere } from '@meridian/ledger';
import { readSecretFile, systemClock } from '@meridian/runtime';
import type { Part } from '@meridian/runtime';
import { metricsServer } from '@meridian/telemetry';
import type { Telemetry } from '@meridian/telemetry';
import manifest from '../package.json' with { type: 'json' };
import { ChartDesk } from './charts/chart-desk.ts';
import type { HubConfig } from './config.ts';
import { createControl } from './control.ts';
import { createExplainer } from './explaining/explainer.ts';
import { explainView } from './explaining/explain-view.ts';
import type { RevisionPorts } from './releases/asked-revision.ts';
import { renderView } from './releases/render-view.ts';
import { serving } from './serving.ts';
import { statusFeed } from './status-feed.ts';

/**
 * Constructs the hub and lists its parts in start order: telemetry, stores, what serves, what controls, readiness. Waits
 * for NATS. Throws FaultError or ConfigError with what has to be mended.
 */
export async function assemble(
  config: HubConfig,
  telemetry: Telemetry,
  signal: AbortSignal,
): Promise<Part[]> {
  const { log } = telemetry;
  const { hubId, shard, repo } = config;
  const clock = systemClock;
  let started = false;

  const signingKey = readSecretFile(config.signingKeyFile);
  const { origins, secretFile } = config.gates;
  const gates = { origins, secret: secretFile === undefined ? undefined : readSecretFile(secretFile) };
  const seed = lastGoodSeed(() => readSecretFile(config.nats.seedFile));
  const mirror = await openMirror({ ...repo, ...config.git, dir: join(config.dataDir, 'mirror') }, signal);
  const connection = await connectNats({ url: config.nats.url, seed, name: hubId, signal, log });
  const ledger = await openLedgerWhenThere({ connection, shard, holder: hubId, clock, log }, signal);
  const statuses = statusFeed(ledger.statusBoard);
  const lease = openLease({ redisUrl: config.redisUrl, key: shard, holder: hubId, clock, log });

  const ready = () => (connection.connected() ? started || 'still starting' : 'NATS does not answer');
  const charts = new ChartDesk({
    program: config.helm,
    places: { cwd: process.cwd(), path: config.git.path },
    directory: join(config.dataDir, 'helm'),
    clock,
    log,
  });
  const explain = createExplainer({ ...config.git, dir: join(config.dataDir, 'mirror') }, charts);
  const control = createControl({
    config,
    telemetry,
    ledger,
    statusFeed: statuses,
    lease,
    mirror,
    charts,
    clock,
    signingKey,
    gates,
  });
  const revisions: RevisionPorts = {
    findCommit: (start, within) => mirror.findCommit(start, within),
    newest: () => control.source().revision ?? undefined,
    rolledOut: (name) => {
      const known = served.reader.application(name);
      return known?.rollout?.revision ?? known?.revision ?? undefined;
    },
    catchUp: (within) => control.catchUp(within),
  };
  const served = await serving({
    config,
    version: manifest.version,
    ledger,
    statusFeed: statuses,
    natsConnected: () => connection.connected(),
    telemetry,
    clock,
    random: () => Math.random(),
    ready,
    charts: () => charts.state,
    source: {
      state: () => control.source(),
      clusters: () => control.configuration().clusters,
      applications: () => control.configuration().applications,
      problems: () => control.problems(),
      warnings: () => control.releases.latest()?.warnings ?? [],
      render: (request, within) => renderView({ releases: control.releases, revisions }, request, within),
      explain: (request, within) =>
        explainView(
          { releases: control.releases, revisions, explain, fleetPath: repo.fleetPath },
          request,
          within,
        ),
      // The hint on the bus comes back to its sender, too; looking twice would only keep the leader busy.
      look: () => {
        if (!connection.connected()) control.look();
      },
    },
  });

  return [
    closing('telemetry', () => telemetry.shutdown()),
    metricsServer({ address: config.metricsAddress, registry: telemetry.registry, ready }),
    closing('nats', () => connection.close()),
    closing('redis', () => lease.close()),
    statuses.part,
    ...served.parts,
    charts.part,
    ...control.parts,
    {
      name: 'readiness',
      start: async () => void (started = true),
      stop: async () => void (started = false),
    },
  ];
}

/** Something that is open already and has to be closed after everything that uses it. */
function closing(name: string, stop: () => Promise<void>): Part {
  return { name, start: async () => undefined, stop };
}
