import type { Gate } from '@meridian/fleet';
import type { GateProgress, RolloutState } from '@meridian/rollout';
import type { AskedWord, Entry } from './history.ts';
import type { ApplicationSpec, Repo } from './repo.ts';
import { personOf } from './people.ts';

/** Where a gate stands. */
export type Side = 'before' | 'after';

/** What another system said to the question of a rollout. */
export interface Answer {
  readonly application: string;
  readonly rollout: number;
  readonly release: string;
  readonly gate: string;
  /** When it was asked; true time. */
  readonly askedAtMs: number;
  readonly verdict: 'pass' | 'fail' | 'wait';
}

/** What a metrics source really said to an agent. */
export interface Reading {
  readonly atMs: number;
  /** Undefined: no number. */
  readonly value: number | undefined;
}

/** A Job that came to its end. */
export interface EndedJob {
  /** Names the gate, the number of its rollout and the try that it was made for. */
  readonly check: string;
  readonly startedAtMs: number;
  /** What its cluster was given when it was made. */
  readonly release: string;
  readonly hasSucceeded: boolean;
}

/** A try of a gate: what counts for it comes after it began. */
export interface Try {
  readonly attempt: number;
  readonly seq: number;
  /** True time at which the ledger first had it open. */
  readonly openedAtMs: number | undefined;
  readonly release: string;
  readonly phase: GateProgress['phase'];
}

/** A person's word at a gate. */
export interface GateWord {
  readonly verb: 'approve' | 'reject';
  readonly release: string;
  readonly gate: string;
  readonly author: string;
  readonly seq: number;
  /** Hub time. */
  readonly atMs: number;
}

type Moved = Extract<Entry, { kind: 'rollout' }>;

/** Where a word is in the ledger, and what it followed. */
interface Heard {
  readonly seq: number;
  readonly before: RolloutState | undefined;
}

interface Placed {
  readonly side: Side;
  readonly stage: string;
  readonly progress: GateProgress;
}

/** Every gate of a state, in order. */
export function gatesIn({ stages }: RolloutState): Placed[] {
  return stages.flatMap((stage) =>
    (['before', 'after'] as const).flatMap((side) =>
      (stage[side] ?? []).map((progress) => ({ side, stage: stage.name, progress })),
    ),
  );
}

/** All that gates were told, as one who sees everything knows it. */
export class GateLog {
  readonly #repo: Repo;
  readonly answers: Answer[] = [];
  /** By `application cluster gate`, oldest first. */
  readonly readings = new Map<string, Reading[]>();
  readonly jobs = new Map<string, EndedJob[]>();
  /** By application; in the present life of the ledger. */
  #words = new Map<string, GateWord[]>();
  /** By application: how much of the ledger its last state knows. */
  #stateSeq = new Map<string, number>();
  /** By `application number gate`. */
  #tries = new Map<string, Try>();
  /** As `#tries`, with number of the try and release: when each was opened first in a life of the ledger that is lost. */
  readonly #lostOpenedAtMs = new Map<string, number>();
  #passed = new Set<string>();
  /** `application number stage` of stages that a rollout found passed, and that had passed by the gates it asks for. */
  #carried = new Set<string>();
  /** The release of each application that completed last. */
  #good = new Map<string, string>();

  constructor(repo: Repo) {
    this.#repo = repo;
  }

  /** Takes in a word that the ledger has. Who does not name a gate means the only one that is open in the state before it. */
  asked(application: string, { verb, release, gate, author, atMs }: AskedWord, { seq, before }: Heard): void {
    const said = (['approve', 'reject'] as const).find((one) => one === verb);
    const meant = gate ?? (before && this.#onlyOpen(before));
    if (!said || meant === undefined) return;
    const words = this.#words.get(application) ?? [];
    this.#words.set(application, words);
    words.push({ verb: said, release, gate: meant, author, seq, atMs });
  }

  /**
   * Another leader has the ledger. What people said to the one before it and no state followed was never acknowledged to them:
   * the record tells who asked, and rejects nothing.
   */
  claimed(): void {
    for (const [application, words] of this.#words) {
      const last = this.#stateSeq.get(application) ?? 0;
      this.#words.set(
        application,
        words.filter(({ verb, seq }) => verb !== 'reject' || seq <= last),
      );
    }
  }

  #onlyOpen(state: RolloutState): string | undefined {
    const [one, other] = gatesIn(state).filter(
      ({ progress: { name, phase } }) => phase === 'open' && this.gateOf(state, name)?.kind === 'approval',
    );
    return other ? undefined : one?.progress.name;
  }

  /** The words that people said to an application's rollouts at a gate. */
  wordsAt(application: string, gate: string): readonly GateWord[] {
    return (this.#words.get(application) ?? []).filter((word) => word.gate === gate);
  }

  /** Whether a word of the same person at the same gate is there already. */
  hasWord(
    application: string,
    { verb, release, gate, author }: Omit<GateWord, 'seq' | 'atMs' | 'gate'> & { readonly gate?: string },
  ): boolean {
    const who = personOf(author)?.name;
    return (this.#words.get(application) ?? []).some(
      (word) =>
        word.verb === verb &&
        word.release === release &&
        (gate === undefined || word.gate === gate) &&
        personOf(word.author)?.name === who,
    );
  }

  /** Takes in a state that the ledger has. */
  moved({ state, before, message, atMs }: Moved): void {
    const { application, target, phase } = state;
    this.#stateSeq.set(application, message.seq);
    if (phase === 'completed') this.#good.set(application, target.release.digest);
    if (target.back) return;
    for (const { name } of state.stages)
      if (this.isCarried({ state, before }, name))
        this.#carried.add(`${application} ${target.number} ${name}`);
    for (const { progress } of gatesIn(state)) {
      const key = `${application} ${target.number} ${progress.name}`;
      this.#noteGate(key, progress, { seq: message.seq, atMs, release: target.release.digest });
    }
  }

  #noteGate(
    key: string,
    { attempt, phase }: GateProgress,
    { seq, atMs, release }: Pick<Try, 'seq' | 'release'> & { readonly atMs: number },
  ): void {
    const known = sameTry(this.#tries.get(key), { attempt, phase });
    const openedAtMs = known?.openedAtMs ?? (phase === 'waiting' ? undefined : atMs);
    this.#tries.set(key, { attempt, seq: known?.seq ?? seq, openedAtMs, phase, release });
    if (phase === 'passed') this.#passed.add(key);
    else this.#passed.delete(key);
  }

  /**
   * Whether a rollout may take a stage for passed by what was there before it: the same content in all of its clusters, in stages
   * that had passed the gates that it asks for.
   */
  isCarried({ state, before }: Pick<Moved, 'state' | 'before'>, name: string): boolean {
    const { application, target } = state;
    const key = `${application} ${target.number} ${name}`;
    if (before?.target.number === target.number) return this.#carried.has(key);
    const spec = this.#repo.meant.get(target.release.digest)?.spec;
    const stage = state.stages.find((one) => one.name === name && one.phase === 'passed');
    if (!spec || !stage || !before) return false;
    const asked = spec.stages.find(({ tier }) => tier === name)?.after ?? [];
    return stage.clusters.every((cluster) => {
      const there = before.stages.find(({ clusters }) => clusters.some((one) => one.name === cluster.name));
      const isSame = before.placed[cluster.name]?.bundle === spec.bundles.get(cluster.name)?.digest;
      return isSame && there?.phase === 'passed' && this.#hasPassed(before, there.name, asked);
    });
  }

  /** Whether a stage that has passed did so by these gates. */
  #hasPassed({ application, target }: RolloutState, stage: string, asked: readonly Gate[]): boolean {
    const of = `${application} ${target.number}`;
    const spec = this.#repo.meant.get(target.release.digest)?.spec;
    const had = spec?.stages.find(({ tier }) => tier === stage)?.after ?? [];
    const isThrough =
      target.back !== undefined ||
      this.#carried.has(`${of} ${stage}`) ||
      had.every(({ name }) => this.#passed.has(`${of} ${name}`));
    return asked.length === 0 || (JSON.stringify(had) === JSON.stringify(asked) && isThrough);
  }

  /** The present try of a gate. */
  tryOf({ application, target }: RolloutState, gate: string): Try | undefined {
    return this.#tries.get(`${application} ${target.number} ${gate}`);
  }

  /** When this very try of this very release was opened first, also in a life of the ledger that is lost. */
  firstOpenedAtMs({ application, target }: RolloutState, gate: string, known: Try): number {
    const key = `${application} ${target.number} ${gate} ${known.attempt} ${known.release}`;
    return Math.min(this.#lostOpenedAtMs.get(key) ?? Infinity, known.openedAtMs ?? Infinity);
  }

  /** A gate as the author of the release wrote it. */
  gateOf({ target }: RolloutState, name: string): Gate | undefined {
    const stages = this.#repo.meant.get(target.release.digest)?.spec.stages ?? [];
    return stages
      .flatMap(({ before = [], after = [] }) => [...before, ...after])
      .find((gate) => gate.name === name);
  }

  /** Who wrote what a release brings: what git has said of the application since it last said what is good. */
  authorsOf({ application, target }: RolloutState): ReadonlySet<string> {
    const { commits, meant } = this.#repo;
    const specAt = (index: number) => commits[index]?.applications.find(({ name }) => name === application);
    const good = meant.get(this.#good.get(application) ?? '')?.spec;
    const last = commits.findIndex(({ revision }) => revision === target.release.revision);
    const authors = new Set<string>();
    for (let at = last; at >= 0 && !isSameEverywhere(specAt(at), good); at -= 1)
      if (specAt(at) !== specAt(at - 1)) authors.add(commits[at]?.author ?? '');
    return authors;
  }

  /** The ledger is lost or put back; what is left of it is taken in anew. */
  lose(): void {
    this.#words = new Map();
    this.#stateSeq = new Map();
    for (const [key, { attempt, release, openedAtMs }] of this.#tries) {
      const lost = `${key} ${attempt} ${release}`;
      if (openedAtMs !== undefined && !this.#lostOpenedAtMs.has(lost))
        this.#lostOpenedAtMs.set(lost, openedAtMs);
    }
    this.#tries = new Map();
    this.#passed = new Set();
    this.#carried = new Set();
    this.#good = new Map();
  }
}

function isSameEverywhere(one: ApplicationSpec | undefined, other: ApplicationSpec | undefined): boolean {
  if (!one || one.bundles.size !== other?.bundles.size) return false;
  return [...one.bundles].every(([cluster, { digest }]) => other.bundles.get(cluster)?.digest === digest);
}

/** The try that a gate is in still; undefined when it has begun another one. */
function sameTry(
  before: Try | undefined,
  { attempt, phase }: Pick<GateProgress, 'attempt' | 'phase'>,
): Try | undefined {
  const hasBegunAnew = phase === 'waiting' && before?.phase !== 'waiting';
  return before?.attempt === attempt && !hasBegunAnew ? before : undefined;
}
