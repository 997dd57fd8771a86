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

  /** Lets jobs wait again, before those of their applications, in the order given. */
  putBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) this.#queue(job).unshift(job);
    this.#size += jobs.length;
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
   * The next job, of the application that has waited longest for its turn among those that may have one; of its jobs one of
   * the first that `suits`, else the first.
   */
  next(mayStart: (application: string) => boolean, suits: (job: Job) => boolean): Job | undefined {
    for (const [name, queue] of this.#queues) {
      if (!mayStart(name)) continue;
      const at = queue.slice(0, mostLooked).findIndex(suits);
      const [job] = queue.splice(Math.max(0, at), 1);
      this.#queues.delete(name);
      if (queue.length > 0) this.#queues.set(name, queue);
      if (!job) continue;
      this.#size -= 1;
      return job;
    }
    return undefined;
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
