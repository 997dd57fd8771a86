import type { FleetEvent, Problem } from '@meridian/fleet';
import type { RevisionReleases } from '../releases/releases.ts';

/**
 * Turns the problems of each revision into events, each mistake once: `application.frozen` when it appears and
 * `application.recovered` when the application resolves again. What was told before, by any leader, is given first.
 */
export class Announcements {
  #frozen = new Map<string, string>();

  /** `told` are recent events of the fleet, so that a new leader does not repeat the old one. */
  constructor(told: readonly FleetEvent[] = []) {
    for (const event of [...told].reverse()) {
      const name = event.application ?? '';
      if (event.type === 'application.frozen') this.#frozen.set(name, event.message);
      if (event.type === 'application.recovered') this.#frozen.delete(name);
    }
  }

  /** The events of a revision's problems. */
  of({ revision, problems, released, pending }: RevisionReleases, nowMs: number): FleetEvent[] {
    const present = firstTexts(problems);
    const events: FleetEvent[] = [];
    for (const [name, message] of present) {
      if (this.#frozen.get(name) === message) continue;
      const application = name === '' ? {} : { application: name };
      events.push({
        atMs: nowMs,
        level: 'error',
        type: 'application.frozen',
        ...application,
        revision,
        message,
      });
    }
    this.#keepPending(pending, present);
    const resolved = new Set(released.map(({ application }) => application.name));
    for (const name of this.#frozen.keys()) {
      if (present.has(name)) continue;
      if (!resolved.has(name)) continue;
      const message = `${name} resolves again and follows the fleet repo`;
      events.push({
        atMs: nowMs,
        level: 'info',
        type: 'application.recovered',
        application: name,
        revision,
        message,
      });
    }
    this.#frozen = present;
    return events;
  }

  /** Nothing new is known yet of what is still being rendered. */
  #keepPending(pending: readonly string[], present: Map<string, string>): void {
    for (const name of pending) {
      const message = this.#frozen.get(name);
      if (message !== undefined && !present.has(name)) present.set(name, message);
    }
  }
}

function firstTexts(problems: readonly Problem[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const problem of problems) {
    const name = problem.application ?? '';
    if (!texts.has(name)) texts.set(name, problemText(problem));
  }
  return texts;
}

/** A problem on one line, place first. */
function problemText({ file, line, cluster, message, fix }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  const where = cluster === undefined ? '' : ` (for ${cluster})`;
  return `${place}${where}: ${message}${fix === undefined ? '' : `; ${fix}`}`;
}
