import type { Job } from './render-thread.ts';

/** More than a fleet has under way at once, whatever it is; beyond it somebody asks without waiting for answers. */
const mostJobs = 20_000;
/** How far behind the first job of an application a better one is looked for. */
const mostLooked = 64;

/** Jobs that wait, in the order they came within each application; applications take turns. */
export class Waiting {
  readonly #queues = new Map<string, Job[]>();
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Lets a job wait behind those of its application; false when too many wait. */
  add(job: Job): boolean {
    if (this.#size >= mostJobs) return false;
    this.#queue(job).push(job);
    this.#size += 1;
    return true;
  }

  /** Lets jobs that somebody wants still wait again, before those of their applications, in the order given. */
  putBack(jobs: readonly Job[]): void {
    const wanted = jobs.filter(({ signal }) => !signal.aborted);
    for (const job of wanted.toReversed()) this.#queue(job).unshift(job);
    this.#size += wanted.length;
  }

  /** Takes a job out that nobody wants any more. */
  remove(job: Job): void {
    const queue = this.#queues.get(job.application.name) ?? [];
    const at = queue.indexOf(job);
    if (at < 0) return;
    queue.splice(at, 1);
    this.#took(job.application.name, queue);
  }

  /**
   * The next jobs, of the application that has waited longest for its turn among those that may have some: as many of its
   * first ones as `suit` and can be given to a thread together, else the first one. Empty when there is none.
   */
  next(most: (application: string) => number, suits: (job: Job) => boolean): readonly Job[] {
    for (const [name, queue] of this.#queues) {
      const count = most(name);
      if (count < 1) continue;
      const looked = queue.slice(0, mostLooked);
      const batch = batchOf(looked, count, suits);
      queue.splice(0, looked.length, ...looked.filter((job) => !batch.includes(job)));
      this.#queues.delete(name);
      if (queue.length > 0) this.#queues.set(name, queue);
      this.#size -= batch.length;
      return batch;
    }
    return [];
  }

  /** Takes all of them out. */
  drain(): Job[] {
    const all = [...this.#queues.values()].flat();
    this.#queues.clear();
    this.#size = 0;
    return all;
  }

  #queue(job: Job): Job[] {
    const { name } = job.application;
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    return queue;
  }

  #took(name: string, queue: readonly Job[]): void {
    this.#size -= 1;
    if (queue.length === 0) this.#queues.delete(name);
  }
}

function batchOf(queue: readonly Job[], most: number, suits: (job: Job) => boolean): readonly Job[] {
  const suiting = queue.filter(suits);
  const [first] = suiting;
  if (!first) return queue.slice(0, 1);
  return suiting.filter((job) => job === first || belongsTo(first, job)).slice(0, most);
}

/** Whether two jobs can be told to a thread together. One that a thread ran out of memory with goes alone. */
function belongsTo(first: Job, { files, application, policies, exhausted }: Job): boolean {
  if (files !== first.files || application !== first.application) return false;
  return policies.digest === first.policies.digest && exhausted + first.exhausted === 0;
}
