import type { Application, Cluster, ExplainView, FleetView, Problem, RenderView } from '@meridian/fleet';
import { auditLedger, ledgerSubjects } from '@meridian/ledger';
import type { Ledger } from '@meridian/ledger';
import { serveLink } from '@meridian/link';
import type { IssuingConfig, LinkServer } from '@meridian/link';
import { FaultError, readSecretFile } from '@meridian/runtime';
import type { Clock, Part } from '@meridian/runtime';
import type { Telemetry } from '@meridian/telemetry';
import { apiServer } from './api/api-server.ts';
import { examine } from './api/doctor.ts';
import { openTokenBook } from './api/tokens.ts';
import { auditView } from './audit/audit-view.ts';
import type { ChartsState } from './charts/chart-desk.ts';
import { helmOf, hubHelms } from './charts/charts-check.ts';
import type { HubConfig } from './config.ts';
import { loopPart } from './loop-part.ts';
import { enrolmentPart } from './enrolment/enrolment-part.ts';
import { createTokenDesk } from './enrolment/token-desk.ts';
import type { TokenDesk } from './enrolment/token-desk.ts';
import { issuedCertificates } from './link/issued-certificates.ts';
import { reportReceiver } from './link/report-receiver.ts';
import { fleetReader } from './view/fleet-reader.ts';
import type { ExplainRequest, FleetReader } from './api/ports.ts';
import type { FleetModel } from './view/fleet-model.ts';
import type { StatusFeed } from './status-feed.ts';
import { viewFollower } from './view/view-follower.ts';
import type { ModelSource } from './view/view-follower.ts';
import { viewMetrics } from './view/view-metrics.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** What this replica knows of the fleet repo, whoever leads. */
export interface SourcePort {
  state(): FleetView['source'];
  clusters(): readonly Cluster[];
  /** Last good document of every known application, frozen ones too. */
  applications(): readonly Application[];
  problems(): readonly Problem[];
  warnings(): readonly Problem[];
  render(
    request: { application: string; cluster: string; revision?: string },
    signal: AbortSignal,
  ): Promise<RenderView>;
  explain(request: ExplainRequest, signal: AbortSignal): Promise<ExplainView>;
  /** Looks at the remote now rather than at the next poll. */
  look(): void;
}

/** What serving is made of. */
export interface ServingConfig {
  readonly config: Pick<HubConfig, 'hubId' | 'shard' | 'repo' | 'api' | 'link' | 'enrolment'>;
  readonly version: string;
  readonly ledger: Ledger;
  readonly statusFeed: Pick<StatusFeed, 'listen'>;
  readonly natsConnected: () => boolean;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly source: SourcePort;
  /** Whether this hub renders charts. */
  readonly charts: () => ChartsState;
  readonly ready: () => boolean | string;
}

/** Everything of a hub that answers: the view, the link that agents attach to, the API and the webhooks. Every replica has it. */
export interface Serving {
  /** In start order. */
  readonly parts: readonly Part[];
  readonly model: ModelSource;
  readonly reader: FleetReader;
}

const heartbeatMs = 5_000;
/** How long other hubs have to answer; one that does not is none to compare with. */
const rollCallMs = 500;

/** Puts together what every replica serves. Throws ConfigError when the tokens file or the webhook secret cannot be used. */
export async function serving(options: ServingConfig): Promise<Serving> {
  const { config, ledger, telemetry, clock, source } = options;
  const follower = viewFollower(ledger, {
    shard: config.shard,
    statuses: options.statusFeed,
    log: telemetry.log,
  });
  const context = () => ({
    hub: { id: config.hubId, version: options.version },
    source: source.state(),
    clusters: source.clusters(),
    applications: source.applications(),
    problems: source.problems(),
    warnings: source.warnings(),
  });
  const reader = fleetReader(follower.source, context, () => clock.nowMs());
  viewMetrics(reader, telemetry.registry);
  const tokens = createTokenDesk({
    book: ledger.enrolment,
    events: ledger.events,
    clusters: () => source.clusters().map(({ name }) => name),
    clock,
    log: telemetry.log,
  });
  const onIssued = issuedCertificates({
    events: ledger.events,
    clock,
    log: telemetry.log,
    registry: telemetry.registry,
  });
  const api = await openApi(options, { reader, model: follower.source, tokens });
  const enrolment = enrolmentPart({ config, tokens, onIssued, clock, log: telemetry.log });
  const roll = loopPart('roll call', (signal) =>
    ledger.bus.answerRoll(() => helmOf(config.hubId, options.charts()), signal),
  );
  const parts = [follower.part, linkPart(options, follower.source, onIssued), ...enrolment, api, roll];
  return { parts, model: follower.source, reader };
}

function openApi(
  options: ServingConfig,
  { reader, model, tokens }: { reader: FleetReader; model: ModelSource; tokens: TokenDesk },
) {
  const { config, ledger, telemetry, clock, source } = options;
  const { log, registry } = telemetry;
  const secretFile = config.api.webhookSecretFile;
  const secret = secretFile === undefined ? undefined : readSecretFile(secretFile);
  const refresh = () => {
    // Ourselves at once, the others by the bus; whoever hears it twice looks once.
    source.look();
    ledger.bus.hintRefresh();
  };
  return apiServer({
    address: config.api.address,
    version: options.version,
    tokens: openTokenBook(config.api.tokensFile, clock, log),
    more: (http) => webhookRoutes(http, { secret, branch: config.repo.branch, refresh }),
    ready: options.ready,
    clock,
    log,
    registry,
    ports: {
      reader,
      events: ledger.events,
      render: (request, signal) => source.render(request, signal),
      explain: (request, signal) => source.explain(request, signal),
      audit: (query, signal) => auditView({ ledger, shard: config.shard }, query, signal),
      command: (command, timeoutMs) => ledger.bus.command(command, timeoutMs),
      refresh,
      enrol: config.enrolment === undefined ? undefined : (ask) => tokens.make(ask),
      doctor: (signal) =>
        examine(
          {
            fleet: () => reader.fleet(),
            clusters: () => reader.clusters(),
            nowMs: () => clock.nowMs(),
            clockSkewMs: () => clockSkews(model.model()),
            natsConnected: options.natsConnected,
            charts: options.charts,
            hubHelms: async () => hubHelms(await rollOf(ledger)),
            audit: async (until) =>
              auditLedger(await ledger.lastBySubject(ledgerSubjects.all(config.shard), until)),
          },
          signal,
        ),
    },
  });
}

/** Who does not answer is none to compare with; that NATS is away is told by another check. */
async function rollOf({ bus }: Ledger): Promise<readonly unknown[]> {
  try {
    return await bus.callRoll(rollCallMs);
  } catch (error) {
    if (error instanceof FaultError) return [];
    throw error;
  }
}

/** The link server as a part: it begins to listen when everything it stores into is there. */
function linkPart(options: ServingConfig, model: ModelSource, onIssued: IssuingConfig['onIssued']): Part {
  const { config, ledger, telemetry, clock, random } = options;
  let server: LinkServer | undefined;
  const receiver = reportReceiver({
    statusBoard: ledger.statusBoard,
    events: ledger.events,
    knownApplications: (cluster) => applicationsIn(model.model(), cluster),
    clock,
    random,
    log: telemetry.log,
    tracer: telemetry.tracer,
    registry: telemetry.registry,
  });
  const { issuing, ...files } = config.link;
  return {
    name: 'link',
    async start() {
      server = await serveLink({
        ...files,
        issuing: issuing && { ...issuing, onIssued },
        ...receiver,
        hub: config.hubId,
        heartbeatMs,
        clock,
        random,
        log: telemetry.log,
      });
      telemetry.log.info({ url: config.link.address }, 'agents can attach');
    },
    async stop() {
      await server?.stop();
    },
  };
}

function applicationsIn(model: FleetModel, cluster: string): string[] {
  return [...(model.applications.get(cluster)?.keys() ?? [])];
}

/** An agent's clock against the server time at which what it said was stored. */
function clockSkews(model: FleetModel): ReadonlyMap<string, number> {
  return new Map(
    [...model.agents].map(([name, { status, heardAtMs }]) => [name, status.observedAtMs - heardAtMs]),
  );
}
