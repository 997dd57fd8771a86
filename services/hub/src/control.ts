import type { Application, Cluster, FleetView, Problem } from '@meridian/fleet';
import type { Mirror } from '@meridian/git';
import type { Lease } from '@meridian/lease';
import { assignmentSigner } from '@meridian/ledger';
import type { Ledger } from '@meridian/ledger';
import { RenderPool } from '@meridian/rendering';
import type { ChartRenderer } from '@meridian/rendering';
import type { Clock, Part } from '@meridian/runtime';
import type { Telemetry } from '@meridian/telemetry';
import type { HubConfig } from './config.ts';
import { followRollouts } from './leading/known-rollouts.ts';
import type { AskGate } from './leading/gate-asker.ts';
import { askWebhook } from './leading/gate-question.ts';
import type { WebhookRules } from './leading/gate-question.ts';
import { createLeader } from './leading/leader.ts';
import { controlMetrics } from './leading/metrics.ts';
import type { SignAssignment } from './leading/records.ts';
import { createStatusMemory } from './leading/status-memory.ts';
import { loopPart } from './loop-part.ts';
import { pendingProblems, vanishedProblems } from './releases/problems.ts';
import { createReleases } from './releases/releases.ts';
import type { Releases } from './releases/releases.ts';
import { stayReady } from './releases/standby.ts';
import type { StatusFeed } from './status-feed.ts';
import { changeAuthors } from './sources/change-authors.ts';
import { openSource } from './sources/source.ts';
import type { Source } from './sources/source.ts';

/** What the control loop is made of. */
export interface ControlDeps {
  readonly config: Pick<HubConfig, 'shard' | 'repo' | 'rendering'>;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly statusFeed: Pick<StatusFeed, 'listen'>;
  readonly lease: Lease;
  readonly mirror: Mirror;
  readonly charts: ChartRenderer;
  readonly clock: Clock;
  /** ed25519, PKCS8 PEM. */
  readonly signingKey: string;
  /** What gates may ask of other systems; nothing unless told. */
  readonly gates?: WebhookRules;
  /** How long a revision waits for applications that take long to render; see `createReleases`. */
  readonly patienceMs?: number;
}

/** The control loop of one replica: follows the source, resolves it, and leads when it is elected. */
export interface Control {
  /** In start order. */
  readonly parts: readonly Part[];
  readonly releases: Releases;
  /** The fleet repo as this replica sees it. */
  source(): FleetView['source'];
  /** Clusters and the last good document of every application this replica has seen. */
  configuration(): { readonly clusters: readonly Cluster[]; readonly applications: readonly Application[] };
  /** Everything that freezes an application now. */
  problems(): readonly Problem[];
  /** Looks at the fleet repo now rather than at the next poll. */
  look(): void;
  /** The same; ends when the fleet repo has answered, after a few seconds in any case. */
  catchUp(signal: AbortSignal): Promise<void>;
}

/** Replicas that do not lead leave the machine to the leader first. */
const followerHintDelayMs = 400;

/** Wires the control loop of one replica. */
export function createControl(deps: ControlDeps): Control {
  const { config, telemetry, ledger, mirror, charts, clock } = deps;
  const { shard, repo } = config;
  const { log, tracer } = telemetry;
  const sign: SignAssignment = assignmentSigner(deps.signingKey);
  const metrics = controlMetrics(telemetry.registry, () => ageSeconds(source));
  const known = followRollouts(ledger, shard);
  const pool = new RenderPool(config.rendering);
  const releases = createReleases({
    pool,
    charts,
    tree: (revision, signal) => mirror.tree(revision, signal),
    fleetPath: repo.fleetPath,
    rolledOut: (application) => known.revisionOf(application),
    directoryIds: (places, signal) => mirror.directoryIds(places, signal),
    clock,
    ...(deps.patienceMs === undefined ? {} : { patienceMs: deps.patienceMs }),
    onResolved: (seconds) => metrics.resolveSeconds.observe(seconds),
  });
  const rendering: Part = {
    name: 'rendering',
    start: async () => undefined,
    stop: () => {
      releases.stop();
      return pool.close();
    },
  };
  const source: Source = openSource({
    ...repo,
    mirror,
    clock,
    log,
    hints: (signal) => ledger.bus.onRefresh(signal),
    hintDelayMs: () => (leader.isLeading() ? 0 : followerHintDelayMs),
  });
  const statuses = createStatusMemory((application, cluster) => {
    if (application !== undefined) leader.onReport(application, cluster);
  });
  const authors = changeAuthors((range, signal) => mirror.authors(range, signal), log, clock);
  const gates = deps.gates ?? { origins: [], secret: undefined };
  const askGate: AskGate = (question, options) => askWebhook(question, gates, options);
  const leader = createLeader({
    ...deps,
    ...{ sign, source, releases, statuses, authors, askGate, log, tracer, metrics, shard },
  });
  deps.statusFeed.listen((entry) => statuses.take(entry));
  const standby = loopPart('standby', (signal) =>
    stayReady({ source, releases, ready: known.read, clock, log }, signal),
  );
  return {
    parts: [rendering, known.part, source.part, standby, leader.part],
    releases,
    source: () => source.state(),
    configuration: () => releases.configuration(),
    problems() {
      const latest = releases.latest();
      const failure = releases.failure();
      const vanished = latest ? vanishedProblems(latest.known, known.placements()) : [];
      const pending = latest ? pendingProblems(latest.pending, latest.known) : [];
      return [...(failure ? [failure] : []), ...(latest?.problems ?? []), ...pending, ...vanished];
    },
    look: () => source.look(),
    catchUp: (signal) => source.catchUp(signal),
  };
}

function ageSeconds(source: Source): number | undefined {
  const { ageMs } = source.state();
  return ageMs === null ? undefined : ageMs / 1000;
}
