import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '@meridian/testkit';
import type { Authored, Content } from '../audit/facts.ts';
import { pairOf } from '../audit/facts.ts';
import { createRandom } from '../../simulation/random.ts';
import type { Random } from '../../simulation/random.ts';
import { contentOf, fleetDocuments, manifestsOf, probe, soaking, staged } from './manifests.ts';
import type { Draft } from './manifests.ts';

/** What a commit does to an application. */
const changes = [
  { kind: 'next', weight: 6 },
  { kind: 'revert', weight: 2 },
  { kind: 'drop', weight: 2 },
  { kind: 'restore', weight: 2 },
  { kind: 'break', weight: 2 },
  { kind: 'crash', weight: 1 },
] as const;

const parts = ['part-1', 'part-2', 'part-3'] as const;
const first: Draft = { value: '0', parts, crashes: false, isBroken: false };

/** Where a working copy is kept, and what the commits are about. */
export interface AuthorOptions {
  readonly dir: string;
  readonly clusters: readonly string[];
  /** Names of applications beside the probe. */
  readonly applications: readonly string[];
  readonly seed: number;
}

/** Writes commits into the fleet repo and knows what each of them means. One commit at a time. */
export class Author {
  readonly #dir: string;
  readonly #clusters: readonly string[];
  readonly #random: Random;
  readonly #applications: readonly string[];
  readonly #drafts: Map<string, Draft>;
  readonly #good = new Map<string, Draft[]>();
  readonly #commits = new Map<string, ReadonlyMap<string, Authored>>();
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ dir, clusters, applications, seed }: AuthorOptions) {
    this.#dir = dir;
    this.#clusters = clusters;
    this.#applications = applications;
    this.#drafts = new Map([...applications, probe].map((name) => [name, first]));
    this.#random = createRandom(seed);
  }

  /** What every commit means, by its id. */
  get commits(): ReadonlyMap<string, ReadonlyMap<string, Authored>> {
    return this.#commits;
  }

  /** Makes the bare repository and its first commit. */
  async begin(repo: string): Promise<void> {
    mkdirSync(this.#dir, { recursive: true });
    await git(dirname(repo), 'init', '-q', '--bare', '-b', 'main', repo);
    await git(this.#dir, 'init', '-q', '-b', 'main');
    await git(this.#dir, 'remote', 'add', 'origin', repo);
    for (const [name, value] of [
      ['user.name', 'Ada Example'],
      ['user.email', 'ada@example.com'],
      ['commit.gpgsign', 'false'],
    ] as const)
      await git(this.#dir, 'config', name, value);
    this.#write(fleetDocuments(this.#clusters, this.#applications), '');
    for (const [name, draft] of this.#drafts)
      this.#write(manifestsOf(name, draft), `applications/${name}/base/`);
    await this.#commit('begin');
  }

  /** The next commit of one of the applications: sound, reverted, broken or never healthy. */
  next(): Promise<void> {
    const { name } = this.#random.pick(staged);
    return this.#put(name, (draft) => this.#changed(name, draft));
  }

  /** A sound commit of one application; gives the value that it brings. */
  async bring(name: string): Promise<string> {
    await this.#put(name, (draft) => this.#sound(draft));
    return this.#drafts.get(name)?.value ?? '';
  }

  /** Makes every application sound. */
  async mend(): Promise<void> {
    for (const { name } of [...staged, soaking]) await this.bring(name);
  }

  /** The last commit again with another message, pushed by force over it. */
  force(): Promise<void> {
    return this.#inTurn(async () => {
      await git(this.#dir, 'commit', '-q', '--amend', '-m', `again ${this.#count}`);
      await this.#note();
      await git(this.#dir, 'push', '-q', '--force', 'origin', 'main');
    });
  }

  /** What every cluster has to hold, under `cluster/application`. */
  wanted(): ReadonlyMap<string, Content> {
    const wanted = new Map<string, Content>();
    for (const [application, draft] of this.#drafts)
      for (const cluster of this.#clusters)
        wanted.set(pairOf({ cluster, application }), contentOf(draft) ?? new Map());
    return wanted;
  }

  #changed(name: string, draft: Draft): Draft {
    const sound = this.#sound(draft);
    const good = this.#good.get(name) ?? [];
    this.#good.set(name, [...good.slice(-4), sound]);
    switch (this.#random.weighted(changes).kind) {
      case 'next':
        return sound;
      case 'revert':
        return good.length === 0 ? sound : this.#random.pick(good);
      case 'drop':
        return { ...sound, parts: sound.parts.slice(1) };
      case 'restore':
        return { ...sound, parts };
      case 'break':
        return { ...sound, isBroken: true };
      case 'crash':
        return { ...sound, crashes: true };
    }
  }

  #sound(draft: Draft): Draft {
    return { ...draft, value: String(this.#count), crashes: false, isBroken: false };
  }

  #put(name: string, change: (draft: Draft) => Draft): Promise<void> {
    return this.#inTurn(async () => {
      this.#count += 1;
      const draft = change(this.#drafts.get(name) ?? first);
      this.#drafts.set(name, draft);
      this.#write(manifestsOf(name, draft), `applications/${name}/base/`);
      await this.#commit(`${name} ${this.#count}`);
    });
  }

  async #commit(message: string): Promise<void> {
    await git(this.#dir, 'add', '-A');
    await git(this.#dir, 'commit', '-q', '--allow-empty', '-m', message);
    await this.#note();
    await git(this.#dir, 'push', '-q', 'origin', 'main');
  }

  /** Notes what a commit means before anybody else can see it. */
  async #note(): Promise<void> {
    const id = (await git(this.#dir, 'rev-parse', 'HEAD')).trim();
    const meaning = [...this.#drafts].map(([name, draft]): [string, Authored] => [
      name,
      { content: contentOf(draft) },
    ]);
    this.#commits.set(id, new Map(meaning));
  }

  #write(files: { readonly [file: string]: string }, folder: string): void {
    for (const [file, text] of Object.entries(files)) {
      const path = join(this.#dir, folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  /** A push that finds no repository fails its commit only; the next one takes it along. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
