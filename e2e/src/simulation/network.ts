import type { Random } from './random.ts';
import type { Process, Schedule } from './schedule.ts';

/** How badly messages travel. */
export interface Weather {
  /** Share of messages that never arrive. */
  readonly loss: number;
  /** Share that arrives twice. */
  readonly repeats: number;
  /** Share that takes seconds, and so arrives after later ones or after nobody waits for it any more. */
  readonly slow: number;
}

/** Messages between a process and the world. */
export class Network {
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #cut = new Set<string>();
  #weather: Weather;

  constructor(schedule: Schedule, random: Random, weather: Weather) {
    this.#schedule = schedule;
    this.#random = random;
    this.#weather = weather;
  }

  /** Everything travels well from now on. */
  calm(): void {
    this.#weather = { loss: 0, repeats: 0, slow: 0 };
    this.#cut.clear();
  }

  /** Cuts a process off from one outside system, or joins it again. */
  cut(process: string, from: string, isCut: boolean): void {
    if (isCut) this.#cut.add(`${process} ${from}`);
    else this.#cut.delete(`${process} ${from}`);
  }

  isCut(process: string, from: string): boolean {
    return this.#cut.has(`${process} ${from}`);
  }

  /** Sends a message; `arrive` runs for whoever gets it, never, once or twice. */
  send(from: string, to: string, { owner, arrive }: { owner?: Process; arrive: () => void }): void {
    const { loss, repeats } = this.#weather;
    if (this.isCut(from, to) || this.#random.chance(loss)) return;
    this.#schedule.after(this.delayMs(), owner, arrive);
    if (this.#random.chance(repeats)) this.#schedule.after(this.delayMs(), owner, arrive);
  }

  /**
   * Asks an outside system: `serve` runs there, unless the question is lost, and the asker has the answer, unless that is lost.
   * Rejects with `fault` after `timeoutMs`.
   */
  ask<T>(
    asker: Process,
    system: string,
    { serve, timeoutMs, fault }: { serve: () => T; timeoutMs: number; fault: () => Error },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = this.#schedule.after(timeoutMs, asker, () => reject(fault()));
      const arrive = () => {
        const outcome = attempt(serve);
        const hear = () => {
          late.cancel();
          if (outcome.ok) resolve(outcome.value);
          else reject(outcome.error);
        };
        this.send(asker.name, system, { owner: asker, arrive: hear });
      };
      this.send(asker.name, system, { arrive });
    });
  }

  /**
   * As `ask`, of a system in which nothing happens between question and answer that is worth a time of its own: it serves at
   * once, unless the question is lost.
   */
  askAtOnce<T>(
    asker: Process,
    system: string,
    { serve, timeoutMs, fault }: { serve: () => T; timeoutMs: number; fault: () => Error },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const { loss } = this.#weather;
      const isCut = this.isCut(asker.name, system);
      const isHeard = !isCut && !this.#random.chance(loss);
      const outcome = isHeard ? attempt(serve) : undefined;
      const isAnswered = outcome !== undefined && !this.#random.chance(loss);
      const delayMs = isAnswered ? this.delayMs() + this.delayMs() : timeoutMs;
      const isLate = !isAnswered || delayMs >= timeoutMs;
      this.#schedule.after(Math.min(delayMs, timeoutMs), asker, () => {
        if (isLate) reject(fault());
        else if (outcome.ok) resolve(outcome.value);
        else reject(outcome.error);
      });
    });
  }

  /** How long one message takes. */
  delayMs(): number {
    if (this.#random.chance(this.#weather.slow)) return this.#random.whole(300, 6_000);
    return this.#random.whole(1, 40);
  }
}

type Attempted<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

function attempt<T>(serve: () => T): Attempted<T> {
  try {
    return { ok: true, value: serve() };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}
