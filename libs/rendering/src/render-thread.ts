import { Worker } from 'node:worker_threads';
import type { Application, Cluster } from '@meridian/fleet';
import type { PolicySet } from '@meridian/policy';
import { sharedPlaces } from './messages.ts';
import type { ThreadAnswer, ThreadData, ThreadMessage, ThreadOutcome } from './messages.ts';
import type { RevisionFiles } from './revision-files.ts';
import { SentFiles } from './sent-files.ts';

/** A rendering that is to be done, and who waits for it. */
export interface Job {
  readonly files: RevisionFiles;
  readonly application: Application;
  readonly cluster: Cluster;
  /** Outputs of charts that it needs, by the keys of their requests. */
  readonly charts: ReadonlyMap<string, string>;
  /** The policies that it is held to. */
  readonly policies: PolicySet;
  /** How many threads ran out of memory with it. */
  exhausted: number;
  readonly end: (outcome: JobOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** How a job ended: as the thread said, or by a limit. */
export type JobOutcome = ThreadOutcome | { readonly kind: 'limit'; readonly limit: 'time' | 'memory' };

/** What a thread is made with. */
interface RenderThreadOptions {
  /** See {@link RenderThread.seat}. */
  readonly seat: number;
  readonly memoryMb: number;
  readonly onAnswer: (thread: RenderThread, job: Job, outcome: ThreadOutcome) => void;
  /** The thread is gone with everything that it had to do; `isMemory` when it needed too much. */
  readonly onDeath: (
    thread: RenderThread,
    death: { readonly isMemory: boolean; readonly error: Error },
  ) => void;
}

/** One rendering thread as the hub sees it: what it has been sent, and what it has to do. */
export class RenderThread {
  readonly #worker: Worker;
  readonly #places: BigInt64Array;
  readonly #onAnswer: RenderThreadOptions['onAnswer'];
  readonly #jobs = new Map<number, Job>();
  readonly #files = new SentFiles((message) => this.#send(message));
  #numbers = 0;
  /** The place that it has among the threads, counted from 0: what was rendered there before is rendered there again. */
  readonly seat: number;
  /** Set while its present task takes long: nothing is added to it, and another thread may be started in its stead. */
  isSlow = false;

  constructor({ seat, memoryMb, onAnswer, onDeath }: RenderThreadOptions) {
    this.seat = seat;
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
    const tree = this.#files.complete(files);
    this.#files.sendCharts(job.charts);
    this.#files.sendPolicies(job.policies);
    this.#numbers += 1;
    const task = this.#numbers;
    this.#jobs.set(task, job);
    const epoch = Atomics.load(this.#places, sharedPlaces.epoch);
    this.#send({ kind: 'task', task, epoch, tree, application, cluster, policies: job.policies.digest });
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

  #send(message: ThreadMessage): void {
    this.#worker.postMessage(message);
  }
}
