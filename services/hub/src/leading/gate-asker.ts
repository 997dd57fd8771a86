import { questionsDue } from '@meridian/rollout';
import type { GateAnswered, RolloutState, WebhookQuestion } from '@meridian/rollout';
import type { Clock } from '@meridian/runtime';
import type { Inbox } from './inbox.ts';

/** Asks another system about a gate. Never throws: what is no clear answer is `wait`. */
export type AskGate = (
  question: WebhookQuestion,
  options: { readonly nowMs: number; readonly signal: AbortSignal },
) => Promise<GateAnswered>;

/** How many systems are asked at once; the others wait for the next look. */
const mostAtOnce = 16;

/** Asks other systems about open gates, beside the turns of the leader, and puts their answers into its inbox. */
export class GateAsker {
  readonly #askGate: AskGate;
  readonly #inbox: Pick<Inbox, 'putAnswer'>;
  readonly #clock: Clock;
  readonly #asked = new Set<string>();

  constructor(askGate: AskGate, inbox: Pick<Inbox, 'putAnswer'>, clock: Clock) {
    this.#askGate = askGate;
    this.#inbox = inbox;
    this.#clock = clock;
  }

  /**
   * Begins to ask what is due, each question once at a time; whoever waits longest comes first, so that systems that never
   * answer hold nobody else up for long. Ends with the signal; an answer that comes later is dropped.
   */
  look(states: Iterable<RolloutState>, signal: AbortSignal): void {
    const nowMs = this.#clock.nowMs();
    const due = [...states].flatMap((state) => questionsDue(state, nowMs));
    for (const question of due.sort((a, b) => a.waitsSinceMs - b.waitsSinceMs))
      void this.#ask(question, signal);
  }

  async #ask(question: WebhookQuestion, signal: AbortSignal): Promise<void> {
    const { application, gate, attempt, target } = question;
    const key = `${application}/${target.number}/${gate.name}/${attempt}`;
    if (this.#asked.has(key) || this.#asked.size >= mostAtOnce) return;
    this.#asked.add(key);
    try {
      const event = await this.#askGate(question, { nowMs: this.#clock.nowMs(), signal });
      if (!signal.aborted) this.#inbox.putAnswer({ application, event });
    } finally {
      this.#asked.delete(key);
    }
  }
}
