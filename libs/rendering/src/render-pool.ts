import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import { FaultError } from '@meridian/runtime';
import { defectOf } from './defect.ts';
import { Paces } from './paces.ts';
import { RenderThread } from './render-thread.ts';
import type { Answered, Job, JobOutcome } from './render-thread.ts';
import { Waiting } from './waiting.ts';

/** How much rendering may take. */
export interface RenderLimits {
  /** Threads at most; never more than there are cores. */
  readonly threads: number;
  /** A rendering that takes longer is given up. */
  readonly timeLimitMs: number;
  /** Memory of one thread. */
  readonly memoryMb: number;
  /** What helps an application that meets one of the limits; the hub's settings unless told. */
  readonly fix?: string;
}

/** What is to be rendered for whom. */
export type RenderRequest = Pick<Job, 'files' | 'application' | 'cluster' | 'charts' | 'policies'>;

/** A thread has the next batch of jobs at hand while its answers are on the way. */
const batchesPerThread = 2;
/** What one thread does while another one would start; a small fleet never has so much to do and saves the memory. */
const jobsWorthThread = 32;
/** After this a task is called slow: its application gets no further thread, and others get another one. */
const slowMs = 500;
const watchMs = 100;
/** Threads beyond the first are ended, with what they have kept, when nothing was to be done for so long. */
const idleMs = 600_000;

/**
 * Threads that render. They are started when there is work and take turns between applications. An application whose
 * rendering is slow holds on to the threads that it has and gets no more, while the others go on on fresh ones.
 */
export class RenderPool {
  readonly limits: RenderLimits;
  readonly #threads = new Set<RenderThread>();
  readonly #waiting = new Waiting();
  /** Of applications whose last rendering was quick; any other has one job under way at most. */
  readonly #paces = new Paces();
  #dispatching: NodeJS.Immediate | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(limits: RenderLimits) {
    this.limits = { ...limits, threads: Math.min(limits.threads, availableParallelism()) };
  }

  /** How many threads there are. */
  get size(): number {
    return this.#threads.size;
  }

  /**
   * Renders in a thread. Throws FaultError `exhausted` when too many wait already and `unavailable` once closed, and the
   * signal's reason when it aborts.
   */
  run(request: RenderRequest, signal: AbortSignal): Promise<JobOutcome> {
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    if (this.#closed)
      return Promise.reject(new FaultError('unavailable', 'the hub stops', { retry: 'later' }));
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.remove(job);
        reject(reasonOf(signal));
      };
      const settled = () => signal.removeEventListener('abort', leave);
      const job: Job = {
        ...request,
        signal,
        exhausted: 0,
        end: (outcome) => (settled(), resolve(outcome)),
        fail: (error) => (settled(), reject(toError(error))),
      };
      if (!this.#waiting.add(job)) {
        const message = `${this.#waiting.size} renderings wait already`;
        reject(new FaultError('exhausted', message, { retry: 'later' }));
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      this.#dispatchSoon();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends all threads; whoever waits is told that the hub stops. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#watch);
    clearImmediate(this.#dispatching);
    const stopped = new FaultError('unavailable', 'the hub stops', { retry: 'later' });
    for (const job of this.#waiting.drain()) job.fail(stopped);
    const threads = [...this.#threads];
    for (const thread of threads) {
      const { head, rest } = thread.leftovers();
      for (const job of rest) job.fail(stopped);
      head?.fail(stopped);
    }
    await Promise.all(threads.map((thread) => thread.end()));
  }

  /** Whoever hears of an answer asks for more, so that there is a batch to be given away once all have been heard. */
  #dispatchSoon(): void {
    if (this.#closed) return;
    this.#dispatching ??= setImmediate(() => this.#dispatch());
  }

  #dispatch(): void {
    clearImmediate(this.#dispatching);
    this.#dispatching = undefined;
    for (;;) {
      const place = this.#place();
      if (!place) break;
      const seat = place === 'new thread' ? this.#freeSeat() : place.seat;
      const jobs = this.#waiting.next(
        (application) => this.#mostAtOnce(application),
        (each) => this.#seatOf(each) === seat,
      );
      if (jobs.length === 0) break;
      (place === 'new thread' ? this.#start(seat) : place).add(jobs);
    }
    this.#keepWatch();
  }

  /** How many jobs of an application one thread is given; no thread gets so many that another one has nothing to do. */
  #mostAtOnce(application: string): number {
    const batch = this.#paces.batch(application);
    if (batch === undefined) return [...this.#threads].some((thread) => thread.has(application)) ? 0 : 1;
    const share = Math.ceil(this.#waiting.size / (batchesPerThread * this.limits.threads));
    return Math.min(batch, share);
  }

  /** An idle thread, else a new one when there is enough to do, else the one with the least to do, else none. */
  #place(): RenderThread | 'new thread' | undefined {
    const ready = [...this.#threads].filter(({ isSlow }) => !isSlow).sort((a, b) => a.load - b.load);
    const [best] = ready;
    if (best?.load === 0) return best;
    const { threads } = this.limits;
    const isWorthIt = ready.length === 0 || this.#waiting.size >= jobsWorthThread;
    if (isWorthIt && ready.length < threads && this.#threads.size < 2 * threads) return 'new thread';
    return best && best.load < batchesPerThread ? best : undefined;
  }

  #freeSeat(): number {
    const taken = new Set([...this.#threads].map(({ seat }) => seat));
    let seat = 0;
    while (taken.has(seat)) seat += 1;
    return seat;
  }

  /**
   * Where a job is rendered unless its thread has too much to do: always in the same place, as that thread has kept what it
   * made of the same files (BuildCache) for the same cluster.
   */
  #seatOf({ application, cluster }: Job): number {
    return crc32(`${application.name}/${cluster.name}`) % this.limits.threads;
  }

  #start(seat: number): RenderThread {
    const thread = new RenderThread({
      seat,
      memoryMb: this.limits.memoryMb,
      onAnswers: (from, answered) => this.#take(from, answered),
      onDeath: (dead, { isMemory, error }) => this.#bury(dead, isMemory, error),
    });
    this.#threads.add(thread);
    return thread;
  }

  #take(thread: RenderThread, { outcomes, meanMs }: Answered): void {
    if (thread.isSlow) this.#endSlowness(thread);
    else for (const [{ application }] of outcomes) this.#paces.note(application.name, meanMs);
    for (const [job, outcome] of outcomes) job.end(outcome);
    this.#dispatchSoon();
  }

  #endSlowness(thread: RenderThread): void {
    thread.isSlow = false;
    if (this.#threads.size > this.limits.threads && thread.load === 0) this.#dismiss(thread);
  }

  #dismiss(thread: RenderThread): void {
    this.#threads.delete(thread);
    void thread.end();
  }

  /** A thread has died. What it worked on is to blame, unless memory may have gone to what came before it. */
  #bury(dead: RenderThread, isMemory: boolean, error: Error): void {
    if (!this.#threads.delete(dead)) return;
    const { head, rest } = dead.leftovers();
    this.#waiting.putBack(rest);
    if (head && isMemory) {
      head.exhausted += 1;
      if (head.exhausted > 1) head.end({ kind: 'limit', limit: 'memory' });
      else this.#waiting.putBack([head]);
    } else head?.end({ kind: 'defect', what: defectOf(error) });
    this.#dispatchSoon();
  }

  #keepWatch(): void {
    if (this.#closed) return;
    const isBusy = [...this.#threads].some(({ load }) => load > 0);
    if (isBusy && this.#watch?.hasRef() === true) return;
    clearTimeout(this.#watch);
    this.#watch = isBusy ? setTimeout(() => this.#look(), watchMs) : this.#idleTimer();
  }

  #idleTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      const [, ...others] = this.#threads;
      for (const thread of others) this.#dismiss(thread);
    }, idleMs).unref();
  }

  #look(): void {
    this.#watch = undefined;
    for (const thread of this.#threads) {
      // In this order: when the thread goes on in between, the time is that of the next task and as good as none.
      const { head } = thread;
      const ms = thread.taskMs();
      if (ms > this.limits.timeLimitMs) this.#giveUp(thread, head);
      else if (ms > slowMs && !thread.isSlow) this.#markSlow(thread);
    }
    this.#dispatch();
  }

  #markSlow(thread: RenderThread): void {
    thread.isSlow = true;
    if (thread.head) this.#paces.forget(thread.head.application.name);
    this.#waiting.putBack(thread.takeBack());
  }

  #giveUp(thread: RenderThread, slow: Job | undefined): void {
    const { head, rest } = thread.leftovers(slow);
    this.#dismiss(thread);
    this.#waiting.putBack(rest);
    head?.end({ kind: 'limit', limit: 'time' });
  }
}

function reasonOf(signal: AbortSignal): Error {
  return toError(signal.reason);
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
