import { Worker } from 'node:worker_threads';
import type { Application, Cluster } from '@meridian/fleet';
import type { PolicySet } from '@meridian/policy';
import { sharedPlaces } from './messages.ts';
import type { ThreadAnswers, ThreadData, ThreadMessage, ThreadOutcome } from './messages.ts';
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
  /** Aborted when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** How many threads ran out of memory with it. */
  exhausted: number;
  readonly end: (outcome: JobOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** How a job ended: as the thread said, or by a limit. */
export type JobOutcome = ThreadOutcome | { readonly kind: 'limit'; readonly limit: 'time' | 'memory' };

/** Jobs of one application that a thread has done. */
export interface Answered {
  readonly outcomes: readonly (readonly [job: Job, outcome: ThreadOutcome])[];
  /** Milliseconds that one of them took, as a mean. */
  readonly meanMs: number;
}

/** Jobs that a thread gives back when it has to do nothing more. */
interface Leftovers {
  /** What it worked on. */
  readonly head: Job | undefined;
  readonly rest: readonly Job[];
}

/** What a thread is made with. */
interface RenderThreadOptions {
  /** See {@link RenderThread.seat}. */
  readonly seat: number;
  readonly memoryMb: number;
  readonly onAnswers: (thread: RenderThread, answered: Answered) => void;
  /** The thread is gone with everything that it had to do; `isMemory` when it needed too much. */
  readonly onDeath: (
    thread: RenderThread,
    death: { readonly isMemory: boolean; readonly error: Error },
  ) => void;
}

interface SentJob {
  readonly job: Job;
  readonly batch: number;
}

/** One rendering thread as the hub sees it: what it has been sent, and what it has to do. */
export class RenderThread {
  readonly #worker: Worker;
  readonly #places: BigInt64Array;
  readonly #onAnswers: RenderThreadOptions['onAnswers'];
  /** By the number of its task, in their order. */
  readonly #jobs = new Map<number, SentJob>();
  readonly #files = new SentFiles((message) => this.#send(message));
  #numbers = 0;
  #batches = 0;
  /** The place that it has among the threads, counted from 0: what was rendered there before is rendered there again. */
  readonly seat: number;
  /** Set while its present task takes long: nothing is added to it, and another thread may be started in its stead. */
  isSlow = false;

  constructor({ seat, memoryMb, onAnswers, onDeath }: RenderThreadOptions) {
    this.seat = seat;
    const shared = new SharedArrayBuffer(sharedPlaces.count * BigInt64Array.BYTES_PER_ELEMENT);
    const workerData: ThreadData = { shared };
    this.#places = new BigInt64Array(shared);
    this.#onAnswers = onAnswers;
    this.#worker = new Worker(new URL('./thread-main.ts', import.meta.url), {
      workerData,
      name: 'render',
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    let error: Error | undefined;
    this.#worker.on('message', (answered: ThreadAnswers) => this.#take(answered));
    this.#worker.on('error', (thrown: Error) => (error = thrown));
    this.#worker.on('exit', (code) => {
      const isMemory = error !== undefined && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const cause = error ?? new Error(`a rendering thread ended with code ${code}`);
      onDeath(this, { isMemory, error: cause });
    });
    this.#worker.unref();
  }

  /** How many batches of jobs it has to do, in part or as a whole. */
  get load(): number {
    return new Set([...this.#jobs.values()].map(({ batch }) => batch)).size;
  }

  /** What it works on, or does next. Answers to what came before may still be on their way. */
  get head(): Job | undefined {
    const present = this.#jobs.get(Number(Atomics.load(this.#places, sharedPlaces.task)));
    if (present) return present.job;
    for (const { job } of this.#jobs.values()) return job;
    return undefined;
  }

  /** Whether it has something to do for an application. */
  has(application: string): boolean {
    return [...this.#jobs.values()].some(({ job }) => job.application.name === application);
  }

  /** Milliseconds that its present task has taken; by the thread's own word, so that a hub that is held up blames nobody. */
  taskMs(): number {
    const startedNs = Atomics.load(this.#places, sharedPlaces.startedNs);
    return startedNs === 0n ? 0 : Number(process.hrtime.bigint() - startedNs) / 1e6;
  }

  /** Gives it a batch of jobs with the same files, application and policies, with everything that it lacks for them. */
  add(jobs: readonly Job[]): void {
    const [first] = jobs;
    if (!first) return;
    const { files, application, policies } = first;
    const tree = this.#files.complete(files);
    for (const { charts } of jobs) this.#files.sendCharts(charts);
    this.#files.sendPolicies(policies);
    this.#batches += 1;
    const tasks = jobs.map((job) => {
      this.#numbers += 1;
      this.#jobs.set(this.#numbers, { job, batch: this.#batches });
      return { task: this.#numbers, cluster: job.cluster };
    });
    const epoch = Atomics.load(this.#places, sharedPlaces.epoch);
    this.#send({ kind: 'tasks', epoch, tree, application, policies: policies.digest, tasks });
  }

  /** Takes back what it has not begun. */
  takeBack(): Job[] {
    Atomics.add(this.#places, sharedPlaces.epoch, 1n);
    const present = Number(Atomics.load(this.#places, sharedPlaces.task));
    const rest = [...this.#jobs].filter(([task]) => task > present);
    for (const [task] of rest) this.#jobs.delete(task);
    return rest.map(([, { job }]) => job);
  }

  /** Ends it at once. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Everything that it had to do, for the one who buries it for a job of its own; also what it has done and not told. */
  leftovers(head = this.head): Leftovers {
    const rest = [...this.#jobs.values()].flatMap(({ job }) => (job === head ? [] : [job]));
    this.#jobs.clear();
    return { head, rest };
  }

  #take({ answers, tookMs }: ThreadAnswers): void {
    const outcomes = answers.flatMap(({ task, outcome }) => {
      const job = this.#jobs.get(task)?.job;
      this.#jobs.delete(task);
      return job ? [[job, outcome] as const] : [];
    });
    if (outcomes.length > 0) this.#onAnswers(this, { outcomes, meanMs: tookMs / answers.length });
  }

  #send(message: ThreadMessage): void {
    this.#worker.postMessage(message);
  }
}
