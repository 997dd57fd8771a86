import { bundleOf } from './bundle.ts';
import type { BundleSpec } from './bundle.ts';
import { among } from './focuses.ts';
import { drawDependsOn, drawGates } from './gate-author.ts';
import type { Plan } from './plan.ts';
import { someCommitter } from './people.ts';
import type { Random } from './random.ts';
import type { Amount, ApplicationSpec, Repo, StageSpec, WindowSpec } from './repo.ts';

/** The part of an application that is its strategy. */
type Rules = Omit<ApplicationSpec, 'name' | 'deletionBudget' | 'bundles' | 'isBroken' | 'dependsOn'>;

/** One way to change an application. */
interface Change {
  readonly name: string;
  readonly weight: number;
  /** Only worlds of a focus that names it have it. */
  readonly isOfFocus?: true;
  readonly make: (spec: ApplicationSpec, author: Author) => ApplicationSpec;
}

const objectNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Everything that people commit. To add a kind of commit, add a line. */
export const changes: readonly Change[] = [
  { name: 'content', weight: 5, make: (spec, author) => author.content(spec, () => false) },
  { name: 'bad everywhere', weight: 2, make: (spec, author) => author.content(spec, () => true) },
  {
    name: 'bad in some clusters',
    weight: 2,
    make: (spec, author) => author.content(spec, () => author.random.chance(0.35)),
  },
  { name: 'revert', weight: 2, make: (spec, author) => author.earlier(spec) },
  { name: 'drop a few objects', weight: 2, make: (spec, author) => author.drop(spec, 1) },
  { name: 'drop many objects', weight: 2, make: (spec, author) => author.drop(spec, 4) },
  { name: 'add objects', weight: 1, make: (spec, author) => author.add(spec) },
  { name: 'join', weight: 1, make: (spec, author) => author.join(spec) },
  { name: 'leave', weight: 1, make: (spec, author) => author.leave(spec) },
  { name: 'mistake', weight: 1, make: (spec) => ({ ...spec, isBroken: true }) },
  { name: 'strategy', weight: 1, make: (spec, author) => author.strategy(spec) },
  { name: 'other gates', weight: 1, isOfFocus: true, make: (spec, author) => author.otherGates(spec) },
];

/** The people who commit to the fleet repo. */
export class Author {
  readonly random: Random;
  /** For what has to do with gates. */
  readonly #gateRandom: Random;
  readonly #plan: Plan;
  readonly #repo: Repo;
  readonly #earlier = new Map<string, ApplicationSpec[]>();
  #version = 0;

  constructor(
    { random, gateRandom }: { readonly random: Random; readonly gateRandom: Random },
    plan: Plan,
    repo: Repo,
  ) {
    this.random = random;
    this.#gateRandom = gateRandom;
    this.#plan = plan;
    this.#repo = repo;
  }

  /** The first commit. */
  begin(): void {
    this.#commit(this.#plan.applications.map((name) => this.#first(name)));
  }

  /** Another commit, which changes one application. Gives what kind it is. */
  change(): string {
    const name = this.random.pick(this.#plan.applications);
    const kind = this.random.weighted(among(changes, this.#plan.focus?.changes));
    this.#commit(
      this.#repo.head.applications.map((spec) =>
        spec.name === name ? kind.make({ ...spec, isBroken: false }, this) : spec,
      ),
    );
    return kind.name;
  }

  /** The last commit: everything in it can be had. */
  mend(): void {
    const isFine = (spec: ApplicationSpec) =>
      !spec.isBroken &&
      [...spec.bundles.values()].every(({ isBad }) => !isBad) &&
      spec.stages.every(
        (stage) => (!stage.mandatory || this.#has(spec, stage.tier)) && !isHeldForFirst(stage),
      );
    const mended = (spec: ApplicationSpec) => ({
      ...spec,
      isBroken: false,
      stages: spec.stages.map((stage) => ({ ...stage, mandatory: false, ...withFirst(stage) })),
    });
    this.#commit(
      this.#repo.head.applications
        .map(withoutMissing)
        .map((spec) => (isFine(spec) ? spec : this.content(mended(spec), () => false))),
    );
  }

  content(spec: ApplicationSpec, isBad: (cluster: string) => boolean): ApplicationSpec {
    const version = this.#nextVersion();
    return this.#with(spec, (cluster, { names }) =>
      bundleOf(spec.name, names, { version, isBad: isBad(cluster) }),
    );
  }

  earlier(spec: ApplicationSpec): ApplicationSpec {
    return this.random.pick(this.#earlier.get(spec.name) ?? [spec]);
  }

  drop(spec: ApplicationSpec, most: number): ApplicationSpec {
    const gone = this.random.whole(1, most);
    return this.#with(spec, (_cluster, { names, version, isBad }) =>
      bundleOf(spec.name, names.slice(0, Math.max(1, names.length - gone)), { version, isBad }),
    );
  }

  add(spec: ApplicationSpec): ApplicationSpec {
    return this.#with(spec, (_cluster, { names, version, isBad }) => {
      const more = objectNames.filter((name) => !names.includes(name)).slice(0, 2);
      return bundleOf(spec.name, [...names, ...more], { version, isBad });
    });
  }

  join(spec: ApplicationSpec): ApplicationSpec {
    const absent = [...this.#plan.tiers.keys()].filter((cluster) => !spec.bundles.has(cluster));
    const [model] = spec.bundles.values();
    if (absent.length === 0 || !model) return this.content(spec, () => false);
    const bundles = new Map([...spec.bundles, [this.random.pick(absent), model] as const]);
    return { ...spec, bundles };
  }

  leave(spec: ApplicationSpec): ApplicationSpec {
    if (spec.bundles.size < 2) return spec;
    const gone = this.random.pick([...spec.bundles.keys()]);
    return { ...spec, bundles: new Map([...spec.bundles].filter(([cluster]) => cluster !== gone)) };
  }

  strategy(spec: ApplicationSpec): ApplicationSpec {
    return {
      ...this.content(spec, () => false),
      ...this.#focused(this.#rules()),
      ...this.#dependsOn(spec.name),
    };
  }

  /** The same content behind other gates. */
  otherGates(spec: ApplicationSpec): ApplicationSpec {
    const stages = spec.stages.map(({ before: _, after: __, ...stage }) => this.#gated(stage));
    return { ...spec, stages };
  }

  #with(spec: ApplicationSpec, change: (cluster: string, bundle: BundleSpec) => BundleSpec): ApplicationSpec {
    const bundles = new Map([...spec.bundles].map(([cluster, bundle]) => [cluster, change(cluster, bundle)]));
    return { ...spec, bundles };
  }

  #first(name: string): ApplicationSpec {
    const { tiers } = this.#plan;
    const names = objectNames.slice(0, this.random.whole(3, 6));
    const bundle = bundleOf(name, names, { version: this.#nextVersion(), isBad: false });
    const clusters = [...tiers.keys()].filter((cluster, at) => at < 2 || this.random.chance(0.85));
    return {
      name,
      deletionBudget: this.random.whole(1, 2),
      bundles: new Map(clusters.map((cluster) => [cluster, bundle])),
      isBroken: false,
      ...this.#focused(this.#rules()),
      ...this.#dependsOn(name),
    };
  }

  #has({ bundles }: ApplicationSpec, tier: string): boolean {
    return [...bundles.keys()].some((cluster) => this.#plan.tiers.get(cluster) === tier);
  }

  #dependsOn(name: string): Pick<ApplicationSpec, 'dependsOn'> {
    return this.#plan.hasDependencies ? { dependsOn: drawDependsOn(this.#gateRandom, name) } : {};
  }

  #focused({ stages, ...rules }: Rules): Rules {
    const { focus } = this.#plan;
    return { ...rules, ...focus?.rules, stages: stages.map((stage) => ({ ...stage, ...focus?.stage })) };
  }

  #rules(): Rules {
    const { stages, ...rules } = this.#rulesOfStages();
    if (!this.#plan.hasGates) return { ...rules, stages };
    return { ...rules, stages: stages.map((stage) => this.#gated(stage)) };
  }

  #gated(stage: StageSpec): StageSpec {
    const { gates = drawGates } = this.#plan.focus ?? {};
    return { ...stage, ...gates(this.#gateRandom, stage.tier) };
  }

  #rulesOfStages(): Rules {
    const { random } = this;
    return {
      onBreach: random.chance(0.6) ? 'rollback' : 'pause',
      onNewer: random.chance(0.3) ? 'queue' : 'supersede',
      start: random.chance(0.15) ? 'manual' : 'automatic',
      windows: random.chance(0.25) ? this.#windows() : [],
      stages: ['canary', 'early', 'main'].slice(0, random.whole(1, 3)).map((tier) => ({
        tier,
        maxConcurrent: random.pick<Amount>([1, 1, 2, 2, '50%', '100%']),
        soakMs: random.pick([0, 0, 0, 3_000, 20_000, 28_000, 40_000]),
        mandatory: random.chance(0.15),
      })),
      failureBudget: random.pick<Amount>([0, 0, 0, 1, 2, '20%', '50%']),
      progressDeadlineMs: random.whole(8, 25) * 1_000,
    };
  }

  #windows(): readonly WindowSpec[] {
    const { random } = this;
    return Array.from({ length: random.whole(1, 2) }, () => {
      const kind = random.pick(['allow', 'deny'] as const);
      // Whatever comes together, some of each minute is left.
      const openMs = (kind === 'allow' ? random.whole(35, 50) : random.whole(8, 25)) * 1_000;
      const tier = random.pick(['everybody', 'canary', 'early', 'main']);
      return { kind, openMs, tier: tier === 'everybody' ? undefined : tier };
    });
  }

  #nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  #commit(applications: readonly ApplicationSpec[]): void {
    for (const spec of applications) {
      const before = this.#earlier.get(spec.name) ?? [];
      if (!spec.isBroken) this.#earlier.set(spec.name, [...before, spec]);
    }
    this.#repo.commit(applications, someCommitter(this.#gateRandom));
  }
}

/** Whether a gate before a stage waits for ever where nothing runs yet. */
function isHeldForFirst({ before = [] }: StageSpec): boolean {
  return before.some((gate) => 'firstInstall' in gate && gate.firstInstall === 'hold');
}

function withFirst({ before }: StageSpec): Pick<StageSpec, 'before'> {
  if (!before) return {};
  return {
    before: before.map((gate) => ('firstInstall' in gate ? { ...gate, firstInstall: 'pass' } : gate)),
  };
}

/** What waits where the other application does not run would wait for ever: it waits for nothing any more. */
function withoutMissing(spec: ApplicationSpec, _: number, all: readonly ApplicationSpec[]): ApplicationSpec {
  const { dependsOn = [], bundles } = spec;
  const isThere = (name: string, cluster: string) =>
    all.some((other) => other.name === name && other.bundles.has(cluster));
  const isMissing = dependsOn.some(
    ({ application, scope }) =>
      scope === 'cluster' && [...bundles.keys()].some((cluster) => !isThere(application, cluster)),
  );
  return isMissing ? { ...spec, dependsOn: [] } : spec;
}
