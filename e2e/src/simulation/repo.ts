import type { Application, Dependency, RolloutStrategy, RolloutWindow } from '@meridian/fleet';
import type { ReleasedApplication, RevisionReleases } from '@meridian/hub';
import type { BundleSpec } from './bundle.ts';
import { digestOf } from './digest.ts';
import type { StageGates } from './gate-author.ts';
import { people } from './people.ts';

/** One application at one commit, as the people who wrote it mean it. */
export interface ApplicationSpec {
  readonly name: string;
  /** Clusters by stage, in order: the tier of each cluster is the name of its stage. */
  readonly stages: readonly StageSpec[];
  readonly failureBudget: Amount;
  readonly onBreach: 'pause' | 'rollback';
  readonly onNewer: 'supersede' | 'queue';
  readonly start: 'automatic' | 'manual';
  readonly windows: readonly WindowSpec[];
  readonly progressDeadlineMs: number;
  readonly deletionBudget: number;
  /** What has to be healthy first. */
  readonly dependsOn?: readonly Dependency[];
  /** What each cluster is to run; a cluster that is not named is not to have the application. */
  readonly bundles: ReadonlyMap<string, BundleSpec>;
  /** The commit has a mistake in it. */
  readonly isBroken: boolean;
}

/** One stage as it was written. */
export interface StageSpec extends StageGates {
  readonly tier: string;
  readonly maxConcurrent: Amount;
  readonly soakMs: number;
  readonly mandatory: boolean;
}

/** A number, or a share of the whole. */
export type Amount = number | `${number}%`;

/** An amount of a whole, rounded down. */
export function amountOf(amount: Amount, whole: number): number {
  return typeof amount === 'number' ? amount : Math.floor((parseInt(amount, 10) / 100) * whole);
}

/** A window that opens with every minute, for the clusters of a tier or for all. */
export interface WindowSpec {
  readonly kind: 'allow' | 'deny';
  /** How long of the minute. */
  readonly openMs: number;
  readonly tier: string | undefined;
}

/** One commit. */
export interface Commit {
  readonly revision: string;
  /** Name of the person. */
  readonly author: string;
  readonly applications: readonly ApplicationSpec[];
}

/** What the author of a release meant, for whoever checks what became of it. */
export interface Meant {
  readonly spec: ApplicationSpec;
  readonly release: string;
}

/** The fleet repo: a branch that only grows. Every hub resolves a commit to the same releases. */
export class Repo {
  /** Cluster -> tier. */
  readonly tiers: ReadonlyMap<string, string>;
  readonly #commits: Commit[] = [];
  readonly #resolved = new Map<string, RevisionReleases>();
  /** By release digest. */
  readonly meant = new Map<string, Meant>();
  /** By bundle digest. */
  readonly bundles = new Map<string, BundleSpec>();

  constructor(tiers: ReadonlyMap<string, string>) {
    this.tiers = tiers;
  }

  get commits(): readonly Commit[] {
    return this.#commits;
  }

  get head(): Commit {
    const head = this.#commits.at(-1);
    if (!head) throw new TypeError('the repo is empty');
    return head;
  }

  commit(applications: readonly ApplicationSpec[], author: string): Commit {
    const number = this.#commits.length + 1;
    const commit = { revision: `${number}`.padStart(7, '0'), author, applications };
    this.#commits.push(commit);
    const released = applications
      .filter(({ isBroken }) => !isBroken)
      .map((spec) => this.#release(commit, spec));
    this.#resolved.set(commit.revision, {
      revision: commit.revision,
      config: { clusters: [], applications: [], strategies: [], policies: [] },
      released,
      problems: applications
        .filter(({ isBroken }) => isBroken)
        .map(({ name }) => ({
          application: name,
          file: `${name}.yaml`,
          message: 'broken',
          atRevision: commit.revision,
        })),
      pending: [],
      warnings: [],
      known: {
        revision: commit.revision,
        fleetPath: 'fleet',
        named: new Set(applications.map(({ name }) => name)),
        incomplete: false,
      },
    });
    return commit;
  }

  /** Digest of the release that the last commit has of an application, unless there is a mistake in it. */
  releaseAtHead(application: string): string | undefined {
    const { released } = this.at(this.head.revision);
    return released.find((one) => one.application.name === application)?.release.digest;
  }

  /** Mail addresses and names of whoever wrote the commits after `from` up to `to`. */
  authorsOf({
    from = '',
    to,
  }: {
    readonly from: string | undefined;
    readonly to: string;
  }): readonly string[] {
    const wrote = this.#commits.filter(({ revision }) => revision > from && revision <= to);
    const names = new Set(wrote.map(({ author }) => author));
    return people.flatMap(({ name, identities }) => (names.has(name) ? identities : []));
  }

  /** The releases of a revision; throws for one that was never committed. */
  at(revision: string): RevisionReleases {
    const resolved = this.#resolved.get(revision);
    if (!resolved) throw new TypeError(`there is no revision ${revision}`);
    return resolved;
  }

  #release({ revision }: Commit, spec: ApplicationSpec): ReleasedApplication {
    const refs = [...spec.bundles].map(
      ([cluster, { digest, keys }]) => [cluster, { digest, objects: keys.length }] as const,
    );
    const content = { application: spec.name, revision, bundles: Object.fromEntries(refs) };
    const release = { digest: digestOf(JSON.stringify(content)), ...content };
    this.meant.set(release.digest, { spec, release: release.digest });
    for (const bundle of spec.bundles.values()) this.bundles.set(bundle.digest, bundle);
    return {
      application: applicationOf(spec),
      strategy: strategyOf(spec),
      release,
      labels: Object.fromEntries(
        [...spec.bundles.keys()].map((cluster) => [cluster, { tier: this.tiers.get(cluster) ?? '' }]),
      ),
      bundles: spec.bundles,
      warnings: [],
    };
  }
}

/** One of the applications is in a project. */
export function projectOf(application: string): string | undefined {
  return application === 'model' ? 'vision' : undefined;
}

function applicationOf({ name, deletionBudget, dependsOn = [] }: ApplicationSpec): Application {
  const project = projectOf(name);
  return {
    name,
    labels: {},
    path: name,
    overlays: ['base'],
    placement: {},
    namespace: 'ml',
    rolloutStrategy: 'staged',
    ...(project === undefined ? {} : { project }),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget },
  };
}

function strategyOf(spec: ApplicationSpec): RolloutStrategy {
  const { stages, progressDeadlineMs, failureBudget, onBreach, onNewer, start, windows } = spec;
  return {
    name: 'staged',
    progressDeadlineMs,
    failureBudget,
    ...(onBreach === 'rollback' ? { onBreach } : {}),
    ...(onNewer === 'queue' ? { onNewer } : {}),
    ...(start === 'manual' ? { start } : {}),
    ...(windows.length > 0 ? { windows: windows.map(windowOf) } : {}),
    stages: stages.map(({ tier, maxConcurrent, soakMs, mandatory, before, after }) => ({
      name: tier,
      clusters: { matchLabels: { tier } },
      maxConcurrent,
      soakMs,
      ...(mandatory ? { mandatory } : {}),
      ...(before ? { before } : {}),
      ...(after ? { after } : {}),
    })),
  };
}

function windowOf({ kind, openMs, tier }: WindowSpec, at: number): RolloutWindow {
  return {
    name: `${kind}-${at + 1}`,
    kind,
    schedule: '* * * * *',
    durationMs: openMs,
    timeZone: 'UTC',
    clusters: tier === undefined ? {} : { matchLabels: { tier } },
  };
}
