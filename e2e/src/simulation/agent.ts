import {
  createLimiter,
  createLocalLimits,
  createObjectClaims,
  decideAcceptance,
  prepareObjects,
} from '@meridian/agent';
import type { DesiredObject, Log, Offer, PruneContext } from '@meridian/agent';
import type { Assignment, SignedEnvelope } from '@meridian/fleet';
import { ledgerSubjects } from '@meridian/ledger';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { AgentChecks } from './agent-checks.ts';
import type { ChecksWorld } from './agent-checks.ts';
import { AgentApplication } from './agent-application.ts';
import type { ReportedStatus } from './board.ts';
import type { BundleSpec } from './bundle.ts';
import { clockOf, noAnswer } from './clock.ts';
import { openCluster } from './cluster.ts';
import type { ClusterPort, SimulatedCluster } from './cluster.ts';
import { readBundle } from './ledger-port.ts';
import type { BundleShelf } from './ledger-port.ts';
import { Link } from './link.ts';
import type { LinkWorld } from './link.ts';
import type { Random } from './random.ts';
import { Process } from './schedule.ts';
import { verifyCheaply } from './signing.ts';
import type { Stored, Stream } from './stream.ts';

/** What agents share. */
export interface AgentWorld extends LinkWorld {
  readonly stream: Stream;
  readonly bundles: BundleShelf;
  /** Every bundle that anybody ever committed, by digest. */
  readonly specs: ReadonlyMap<string, BundleSpec>;
  readonly applications: readonly string[];
  readonly lag: () => number;
  readonly systems: ChecksWorld['systems'];
  /** For what agents look at for gates. */
  readonly gateRandom: Random;
  readonly witness: AgentWitness;
  readonly onBug: (cluster: string, error: unknown) => void;
}

/** Is told of what agents take up and change. */
export interface AgentWitness {
  accepted(cluster: SimulatedCluster, assignment: Assignment): void;
  applied(cluster: SimulatedCluster, application: string, id: string): void;
  removed(cluster: SimulatedCluster, application: string, id: string): void;
}

const quiet = () => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const readEveryMs = 30_000;
const hintAgainMs = 250;
const loadAgainMs = 500;
const hastyLookMs = 1_000;
const steadyLookMs = 3_000;

/** A place for an agent in its cluster: its process comes and goes. */
export class Agent {
  readonly cluster: SimulatedCluster;
  readonly #world: AgentWorld;
  process: Process;
  #applications = new Map<string, AgentApplication>();
  #starts = 0;
  #link: Link | undefined;

  constructor(cluster: SimulatedCluster, world: AgentWorld) {
    this.cluster = cluster;
    this.#world = world;
    this.process = new Process(`agent-${cluster.name}`);
    this.process.isAlive = false;
  }

  get applications(): ReadonlyMap<string, AgentApplication> {
    return this.#applications;
  }

  /** Starts a process that knows what disk and Secrets have. */
  start(skewMs: number): void {
    const { schedule } = this.#world;
    const process = new Process(`agent-${this.cluster.name}`, skewMs);
    this.process = process;
    this.#starts += 1;
    this.#applications = new Map();
    this.#open = undefined;
    this.#link = undefined;
    schedule.after(0, process, () => this.#watched(this.#run(process)));
  }

  /** As SIGKILL. */
  kill(): void {
    this.process.isAlive = false;
  }

  /** Loses the disk, unless a record is nowhere else: that loss the agent cannot know of. */
  loseDisk(): void {
    const { disk, secrets } = this.cluster;
    const isKept = [...disk.values()].every(
      (record) => secrets.get(record.application)?.writes === record.writes,
    );
    if (isKept) disk.clear();
  }

  /** Says at once whether the cluster is frozen. */
  tellFreeze(): void {
    if (this.process.isAlive) this.#link?.reportAgent();
  }

  /** The stream to the hub ends. */
  breakLink(): void {
    this.#link?.break();
  }

  /** Looks at everything again: the cluster changed by itself. */
  nudge(): void {
    const applications = this.#applications;
    const wake = () => {
      for (const application of applications.values()) application.nudge();
    };
    this.#world.schedule.after(0, this.process, wake);
  }

  #watched(work: Promise<void>): void {
    work.catch((error: unknown) => this.#world.onBug(this.cluster.name, error));
  }

  async #run(process: Process): Promise<void> {
    const world = this.#world;
    const clock = clockOf(world.schedule, process);
    const signal = new AbortController().signal;
    const witness = {
      applied: (application: string, id: string) => world.witness.applied(this.cluster, application, id),
      removed: (application: string, id: string) => world.witness.removed(this.cluster, application, id),
    };
    const port = openCluster(this.cluster, world, { process, witness, log });
    const context = { ...pruneContext(clock), kube: port.kube };
    const open = (name: string): AgentApplication => {
      const present = this.#applications.get(name);
      if (present) return present;
      const application = new AgentApplication(name, {
        cluster: this.cluster,
        port,
        prune: context,
        random: world.random,
        changed: (changed) => this.#link?.report(changed),
        preparedOf: (assignment) => preparedOf(assignment, world.specs),
        verify: verifyCheaply,
        isBad: (bundle) => world.specs.get(bundle)?.isBad ?? true,
        accepted: (assignment) => world.witness.accepted(this.cluster, assignment),
        checks: (isSettled) =>
          new AgentChecks({
            ...world,
            process,
            clock,
            cluster: this.cluster,
            isSettled,
            changed: () => this.#link?.report(name),
          }),
      });
      this.#applications.set(name, application);
      this.#watched(application.run(signal));
      return application;
    };
    for (const kept of await this.#load(port, clock, signal)) open(kept.record.application).restore(kept);
    const isFrozen = () => this.cluster.frozenUntilMs > world.schedule.nowMs;
    const { name } = this.cluster;
    this.#link = new Link(world, process, { name, isFrozen, statuses: (session) => this.#statuses(session) });
    this.#link.start(`${this.cluster.name}-${this.#starts}`);
    this.#open = open;
    this.#readAll(process);
    this.#lookAtHealth(process);
  }

  #open: ((name: string) => AgentApplication) | undefined;

  async #load(port: ClusterPort, clock: Clock, signal: AbortSignal) {
    for (;;) {
      try {
        return await port.store.load(signal);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        await clock.wait(loadAgainMs, signal);
      }
    }
  }

  #statuses(session: string): ReadonlyMap<string, ReportedStatus> {
    const found = new Map<string, ReportedStatus>();
    for (const [name, application] of this.#applications) {
      const status = application.status(session);
      if (status) found.set(name, status);
    }
    return found;
  }

  /** A hint came, beside the write that it tells of. */
  hint(application: string): void {
    const { process } = this;
    this.#watched(this.#read(process, application));
    this.#world.schedule.after(hintAgainMs, process, () => this.#watched(this.#read(process, application)));
  }

  #readAll(process: Process): void {
    for (const application of this.#world.applications) this.#watched(this.#read(process, application));
    this.#world.schedule.after(readEveryMs, process, () => this.#readAll(process));
  }

  /** Health changes without anybody's doing: a workload becomes ready, or sick. */
  #lookAtHealth(process: Process): void {
    let isSteady = true;
    for (const [name, application] of this.#applications) {
      const { sync, health } = application.status('') ?? {};
      const text = `${name} ${application.held?.assignment.generation ?? 0} ${sync} ${health}`;
      if (this.#shown.get(name) !== text) this.#link?.report(name);
      this.#shown.set(name, text);
      isSteady &&= sync === 'Synced' && health === 'Healthy';
    }
    const nextMs = isSteady ? steadyLookMs : hastyLookMs;
    this.#world.schedule.after(nextMs, process, () => this.#lookAtHealth(process));
  }

  readonly #shown = new Map<string, string>();

  /** As the agent's engine offers an assignment to its application. */
  async #read(process: Process, application: string): Promise<void> {
    const open = this.#open;
    if (!open || process !== this.process) return;
    try {
      const offer = await this.#offerOf(process, application);
      if (offer) open(application).offer(offer);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
    }
  }

  async #offerOf(process: Process, application: string): Promise<Offer | undefined> {
    const stored = await this.#stored(process, application);
    const envelope = stored && envelopeOf(stored);
    const assignment = envelope && verifyCheaply(envelope);
    if (!envelope || assignment?.application !== application) return undefined;
    const decision = this.#decide(assignment);
    if (decision !== 'accept' && decision !== 'renew') return undefined;
    const digest = decision === 'accept' ? assignment.bundle : undefined;
    const bundle = digest === undefined ? undefined : await this.#bundle(process, digest);
    return { assignment, envelope, bundle, traceparent: undefined };
  }

  #decide(assignment: Assignment) {
    const known = this.#applications.get(assignment.application)?.known();
    return decideAcceptance(this.cluster.name, known, assignment).decision;
  }

  #stored(process: Process, application: string): Promise<Stored | undefined> {
    const { network, stream, lag } = this.#world;
    const subject = ledgerSubjects.assign('main', this.cluster.name, application);
    return network.ask(process, 'nats', {
      // Any replica may answer, so an older assignment may come after a newer one.
      serve: () => stream.last(subject, Math.max(0, stream.lastSeq - lag())),
      timeoutMs: 5_000,
      fault: () => noAnswer('the ledger'),
    });
  }

  #bundle(process: Process, digest: string): Promise<Uint8Array> {
    const { network, bundles } = this.#world;
    return network.askAtOnce(process, 'nats', {
      serve: () => readBundle(bundles, this.cluster.name, digest),
      timeoutMs: 5_000,
      fault: () => noAnswer('the bundle store'),
    });
  }
}

function pruneContext(clock: Clock): Omit<PruneContext, 'kube'> {
  return {
    clock,
    log,
    limiter: createLimiter(4),
    limits: createLocalLimits(clock, { isRequired: false }),
    claims: createObjectClaims(),
    heirOf: () => undefined,
    tell: () => undefined,
  };
}

function envelopeOf(stored: Stored): SignedEnvelope {
  const known = envelopes.get(stored);
  if (known) return known;
  const envelope = JSON.parse(decoder.decode(stored.data)) as SignedEnvelope;
  envelopes.set(stored, envelope);
  return envelope;
}

const decoder = new TextDecoder();
/** Agents look at what they have long taken twice a minute. */
const envelopes = new WeakMap<Stored, SignedEnvelope>();

const prepared = new Map<string, Promise<readonly DesiredObject[]>>();

function preparedOf(assignment: Assignment, specs: AgentWorld['specs']): Promise<readonly DesiredObject[]> {
  const { bundle } = assignment;
  if (bundle === undefined) return Promise.resolve([]);
  const known = prepared.get(bundle);
  if (known) return known;
  const spec = specs.get(bundle);
  if (!spec) return Promise.reject(new TypeError(`nobody ever committed bundle ${bundle}`));
  const work = prepareObjects(spec.objects, assignment, async () => true);
  prepared.set(bundle, work);
  return work;
}
