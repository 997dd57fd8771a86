import { Worker } from 'node:worker_threads';
import type { Application, Cluster } from '@meridian/fleet';
import type { RevisionFiles } from './revision-files.ts';
import { sharedPlaces } from './messages.ts';
import type { ThreadAnswer, ThreadData, ThreadMessage, ThreadOutcome } from './messages.ts';

/** A rendering that is to be done, and who waits for it. */
export interface Job {
  readonly files: RevisionFiles;
  readonly application: Application;
  readonly cluster: Cluster;
  /** Outputs of charts that it needs, by the keys of their requests. */
  readonly charts: ReadonlyMap<string, string>;
  /** How many threads ran out of memory with it. */
  exhausted: number;
  readonly end: (outcome: JobOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** How a job ended: as the thread said, or by a limit. */
export type JobOutcome =
  Exclude<ThreadOutcome, { kind: 'crash' }> | { readonly kind: 'limit'; readonly limit: 'time' | 'memory' };

/** What a thread is made with. */
export interface RenderThreadOptions {
  readonly memoryMb: number;
  readonly onAnswer: (thread: RenderThread, job: Job, outcome: ThreadOutcome) => void;
  /** The thread is gone with everything that it had to do; `isMemory` when it needed too much. */
  readonly onDeath: (
    thread: RenderThread,
    death: { readonly isMemory: boolean; readonly error: Error },
  ) => void;
}

/** Contents that a thread keeps before it starts over; they are texts of two bytes a character at most. */
const mostSentCharacters = 64 * 1024 * 1024;
/** Revisions that are rendered beside each other: the newest, the one before, and one that somebody asks for. */
const mostTrees = 3;

interface SentTree {
  readonly number: number;
  readonly dirs: Set<string>;
}

/** One rendering thread as the hub sees it: what it has been sent, and what it has to do. */
export class RenderThread {
  readonly #worker: Worker;
  readonly #places: BigInt64Array;
  readonly #onAnswer: RenderThreadOptions['onAnswer'];
  readonly #jobs = new Map<number, Job>();
  readonly #trees = new Map<RevisionFiles, SentTree>();
  readonly #blobs = new Set<string>();
  readonly #charts = new Set<string>();
  #sentCharacters = 0;
  #numbers = 0;
  /** Set while its present task takes long: nothing is added to it, and another thread may be started in its stead. */
  isSlow = false;

  constructor({ memoryMb, onAnswer, onDeath }: RenderThreadOptions) {
    const shared = new SharedArrayBuffer(sharedPlaces.count * BigInt64Array.BYTES_PER_ELEMENT);
    const workerData: ThreadData = { shared };
    this.#places = new BigInt64Array(shared);
    this.#onAnswer = onAnswer;
    this.#worker = new Worker(new URL('./thread-main.ts', import.meta.url), {
      workerData,
      name: 'render',
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    let error: Error | undefined;
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (thrown: Error) => (error = thrown));
    this.#worker.on('exit', (code) => {
      const isMemory = error !== undefined && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const cause = error ?? new Error(`a rendering thread ended with code ${code}`);
      onDeath(this, { isMemory, error: cause });
    });
    this.#worker.unref();
  }

  /** How much it has to do. */
  get load(): number {
    return this.#jobs.size;
  }

  /** What it works on, or does next. */
  get head(): Job | undefined {
    for (const job of this.#jobs.values()) return job;
    return undefined;
  }

  /** Whether it has something to do for an application. */
  has(application: string): boolean {
    return [...this.#jobs.values()].some((job) => job.application.name === application);
  }

  /** Milliseconds that its present task has taken; by the thread's own word, so that a hub that is held up blames nobody. */
  taskMs(): number {
    const startedNs = Atomics.load(this.#places, sharedPlaces.startedNs);
    return startedNs === 0n ? 0 : Number(process.hrtime.bigint() - startedNs) / 1e6;
  }

  /** Gives it a job, with everything that it lacks for it. */
  add(job: Job): void {
    const { files, application, cluster } = job;
    const tree = this.#sendFiles(files);
    this.#sendCharts(job.charts);
    this.#numbers += 1;
    const task = this.#numbers;
    this.#jobs.set(task, job);
    const epoch = Atomics.load(this.#places, sharedPlaces.epoch);
    this.#send({ kind: 'task', task, epoch, tree, application, cluster });
  }

  /** Takes back everything but what it works on. */
  takeBack(): Job[] {
    Atomics.add(this.#places, sharedPlaces.epoch, 1n);
    const [head, ...rest] = this.#jobs;
    this.#jobs.clear();
    if (head) this.#jobs.set(...head);
    return rest.map(([, job]) => job);
  }

  /** Ends it at once. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Everything that it had to do, for the one who buries it. */
  leftovers(): Job[] {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    return jobs;
  }

  #take({ task, outcome }: ThreadAnswer): void {
    const job = this.#jobs.get(task);
    if (!job) return;
    this.#jobs.delete(task);
    this.#onAnswer(this, job, outcome);
  }

  #sendFiles(files: RevisionFiles): number {
    if (this.#sentCharacters > mostSentCharacters) this.#startOver();
    const tree = this.#trees.get(files) ?? this.#sendTree(files);
    // Used last, forgotten last.
    this.#trees.delete(files);
    this.#trees.set(files, tree);
    const dirs = [...files.neededDirs].filter((dir) => !tree.dirs.has(dir));
    if (dirs.length === 0) return tree.number;
    const contents: (readonly [string, string | Uint8Array])[] = [];
    const unreadable: (readonly [string, string])[] = [];
    for (const { path, blob, content, reason } of files.contentsBelow(dirs)) {
      if (reason !== undefined) unreadable.push([path, reason]);
      if (content === undefined || this.#blobs.has(blob)) continue;
      this.#blobs.add(blob);
      this.#sentCharacters += content.length;
      contents.push([blob, content]);
    }
    for (const dir of dirs) tree.dirs.add(dir);
    this.#send({ kind: 'contents', tree: tree.number, dirs, contents, unreadable });
    return tree.number;
  }

  #sendCharts(charts: Job['charts']): void {
    const outputs = [...charts].filter(([key]) => !this.#charts.has(key));
    if (outputs.length === 0) return;
    for (const [key, text] of outputs) {
      this.#charts.add(key);
      this.#sentCharacters += text.length;
    }
    this.#send({ kind: 'charts', outputs });
  }

  #sendTree(files: RevisionFiles): SentTree {
    for (const [old, { number }] of this.#trees) {
      if (this.#trees.size < mostTrees) break;
      this.#trees.delete(old);
      this.#send({ kind: 'forget', tree: number });
    }
    this.#numbers += 1;
    this.#send({ kind: 'tree', tree: this.#numbers, paths: files.packed() });
    return { number: this.#numbers, dirs: new Set() };
  }

  #startOver(): void {
    this.#trees.clear();
    this.#blobs.clear();
    this.#charts.clear();
    this.#sentCharacters = 0;
    this.#send({ kind: 'forget all' });
  }

  #send(message: ThreadMessage): void {
    this.#worker.postMessage(message);
  }
}
