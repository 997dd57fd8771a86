/** A process that can be paused and killed. Its timers and answers reach it only while it lives and runs. */
export class Process {
  readonly name: string;
  /** How far its wall clock is off, in milliseconds. */
  skewMs: number;
  isAlive = true;
  pausedUntilMs = 0;

  constructor(name: string, skewMs = 0) {
    this.name = name;
    this.skewMs = skewMs;
  }
}

/** Something that happens at a time; `cancel` takes it back. */
export interface Planned {
  cancel(): void;
}

interface Entry {
  atMs: number;
  readonly order: number;
  readonly owner: Process | undefined;
  run: (() => void) | undefined;
}

/**
 * The time of a world and all that happens in it, one thing after another. What code that is awaited does belongs to the
 * process that was woken: between two events every promise that can go on has gone on.
 */
export class Schedule {
  /** True time since the start of the world. */
  nowMs = 0;
  /** Who runs now; undefined for the world itself. */
  current: Process | undefined;
  /** How many events have happened. */
  events = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Plans something in `ms`, for a process or for the world. */
  after(ms: number, owner: Process | undefined, run: () => void): Planned {
    this.#order += 1;
    const entry: Entry = { atMs: this.nowMs + Math.max(0, ms), order: this.#order, owner, run };
    this.#push(entry);
    return {
      cancel() {
        entry.run = undefined;
      },
    };
  }

  /** Lets time go by until `isOver` says so, or nothing is left to happen. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const entry = this.#pop();
      if (!entry) return;
      const { owner, run } = entry;
      if (!run || owner?.isAlive === false) continue;
      if (owner && owner.pausedUntilMs > entry.atMs) {
        entry.atMs = owner.pausedUntilMs;
        this.#push(entry);
        continue;
      }
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      this.events += 1;
      this.current = owner;
      run();
      await settled();
      this.current = undefined;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first && last && first !== last) this.#sink(last);
    return first;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (!left) break;
      const right = heap[2 * at + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, entry)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = entry;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** Node runs a tick only when no promise is left that can go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
