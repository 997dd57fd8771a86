import type { Clock } from '@meridian/runtime';
import type { StoreEvent } from '../store/store.ts';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';

/** What runs the controllers of a cluster. */
export interface ControllersOptions {
  /** The cluster; what it holds already is looked at first. */
  readonly core: ClusterCore;
  readonly controllers: readonly Controller[];
  readonly clock: Clock;
  /** Told of every change before any controller is. */
  readonly observe?: (event: StoreEvent) => void;
  /** Told of everything a controller threw; it is tried again by itself. */
  readonly onError?: (error: unknown, controller: Controller, key: string) => void;
}

/** First and longest wait before a key that failed is tried again, doubled each time (client-go's default rate limiter). */
const [firstRetryMs, longestRetryMs] = [5, 30_000];

/** The longest wait that a timer of Node keeps; with nothing due a cluster sleeps for as long. */
const longestWaitMs = 2 ** 31 - 1;

/** Looks taken before other work of the process gets its turn. */
const looksPerTurn = 64;

/** A key of a controller, and when it is to be looked at. */
interface Due {
  readonly controller: Controller;
  readonly key: string;
  atMs: number;
  failures: number;
}

/** Runs controllers one look at a time, each key once however often it changed. Ends when disposed of. */
export class ControllerLoop implements AsyncDisposable {
  readonly #options: ControllersOptions;
  readonly #due = new Map<Controller, Map<string, Due>>();
  /** Looks that are due now, in the order in which they came to be. */
  readonly #ready = new Set<Due>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #unsubscribe: () => void;
  #wake = new AbortController();

  constructor(options: ControllersOptions) {
    this.#options = options;
    for (const controller of options.controllers) this.#due.set(controller, new Map());
    const { store } = options.core;
    this.#unsubscribe = store.subscribe((event) => this.#note(event));
    for (const { key, object } of store.everything()) {
      this.#note({ type: 'ADDED', revision: store.revision, key, object });
    }
    this.#running = this.#run();
  }

  /** Whether nothing is left to look at before time goes on. */
  get idle(): boolean {
    return this.#ready.size === 0 && !(this.#nextMs() <= this.#options.clock.monotonicMs());
  }

  /** Looks at a key as if something had changed. */
  enqueue(controller: Controller, key: string): void {
    const due = this.#dueOf(controller, key);
    due.atMs = 0;
    this.#ready.add(due);
    // Each reason that is left out costs an exception with its stack.
    if (!this.#wake.signal.aborted) this.#wake.abort('changed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    this.#wake.abort('stopped');
    await this.#running;
  }

  #note(event: StoreEvent): void {
    this.#options.observe?.(event);
    for (const controller of this.#options.controllers) {
      for (const key of controller.keysOf(event)) this.enqueue(controller, key);
    }
  }

  #dueOf(controller: Controller, key: string): Due {
    const keys = this.#due.get(controller) ?? new Map<string, Due>();
    const found = keys.get(key) ?? { controller, key, atMs: 0, failures: 0 };
    keys.set(key, found);
    return found;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#collect(clock.monotonicMs());
      for (const due of [...this.#ready].slice(0, looksPerTurn)) this.#look(due);
      if (this.#ready.size > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      this.#wake = new AbortController();
      if (this.#stop.signal.aborted) return;
      const waitMs = Math.min(this.#nextMs() - clock.monotonicMs(), longestWaitMs);
      await clock.wait(Math.max(0, waitMs), this.#wake.signal);
    }
  }

  #collect(nowMs: number): void {
    for (const keys of this.#due.values()) {
      for (const due of keys.values()) if (due.atMs > 0 && due.atMs <= nowMs) this.#ready.add(due);
    }
  }

  #nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const keys of this.#due.values()) {
      for (const { atMs } of keys.values()) if (atMs > 0 && atMs < next) next = atMs;
    }
    return next;
  }

  #look(due: Due): void {
    this.#ready.delete(due);
    const { controller, key } = due;
    const nowMs = this.#options.clock.monotonicMs();
    due.atMs = 0;
    try {
      const againMs = controller.reconcile(key);
      due.failures = 0;
      if (againMs !== undefined) due.atMs = nowMs + Math.max(1, againMs);
    } catch (error) {
      this.#options.onError?.(error, controller, key);
      due.atMs = nowMs + Math.min(firstRetryMs * 2 ** due.failures, longestRetryMs);
      due.failures += 1;
    }
    if (due.atMs === 0 && !this.#ready.has(due)) this.#due.get(controller)?.delete(key);
  }
}
