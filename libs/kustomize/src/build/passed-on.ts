import { changeBetween } from '../resources/slightly-changed.ts';
import type { Resource } from '../resources/resource.ts';
import type { FieldWay } from '../transforms/field-way.ts';
import type { SlightChange } from '../values/slight-change.ts';
import type { ChangedPosition } from './changed-positions.ts';
import type { Resources } from './step.ts';

/** Asks whether steps may read or change one of some fields of an object. */
export type AskReach = (ways: readonly FieldWay[], now: Resource) => boolean;

const mostAnswers = 50;

/** What is known of what steps reach. It holds for as long as the steps are the same. */
export class KnownReach {
  readonly #known = new Map<string, boolean>();

  /**
   * The change of an object that was in `before` in the place of a changed one, if steps only pass it on; undefined when they
   * do not, and when more has changed than they could pass on.
   */
  passedOn(before: Resources, { at, now }: ChangedPosition, reaches: AskReach): SlightChange | undefined {
    const old = before[at];
    const change = old && changeBetween(old, now);
    if (!change) return undefined;
    const ways = change.flatMap(({ way, keys }) => keys.map((key) => [...way, key]));
    return this.#isReached(at, ways, () => reaches(ways, now)) ? undefined : change;
  }

  #isReached(at: number, ways: readonly FieldWay[], ask: () => boolean): boolean {
    const question = JSON.stringify([at, ...ways]);
    const known = this.#known.get(question);
    if (known !== undefined) return known;
    if (this.#known.size >= mostAnswers) this.#known.clear();
    const answer = ask();
    this.#known.set(question, answer);
    return answer;
  }
}
