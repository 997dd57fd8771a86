import { ApiError, forbiddenError } from '../../errors/api-error.ts';
import { jsonEqual } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Review } from '../review.ts';
import { applyMutation, MutationFault } from './apply-mutation.ts';
import { mutatingPolicies } from './configured-policies.ts';
import { followedPolicies } from './followed-policies.ts';
import type { Followed, Unfollowed } from './followed-policies.ts';
import type { MutatingPolicy } from './policy.ts';
import type { ParamContext } from './policy-params.ts';
import { meetsConditions, seenBy, sightOf } from './policy-sight.ts';
import { nameOf } from './refused-name.ts';

/** Why a mutating policy is against a write. */
interface Objection extends Unfollowed {
  readonly reason: string;
}

/** A policy, its binding and one parameter. */
interface Turn extends Omit<Followed<MutatingPolicy>, 'params'> {
  readonly param: KubeObject | null;
  readonly id: string;
}

/** The mutating policies on the way of one write: all in the first round, and in a second one those that ask for it. */
export class PolicyRounds {
  readonly #context: ParamContext;
  /** Turns to take again as soon as something changes the object. */
  readonly #watchful = new Set<string>();
  readonly #due = new Set<string>();
  #left: KubeObject | undefined;
  #hasRun = false;

  constructor(context: ParamContext) {
    this.#context = context;
  }

  /** Whether a second round is needed, because a mutation was made. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  /** The object as the policies leave it. Throws what refuses the write. */
  first(review: Review): KubeObject | undefined {
    return this.#round(review, () => true);
  }

  /** The object as the policies leave it that look again. */
  again(review: Review): KubeObject | undefined {
    if (!jsonEqual(this.#left, review.object)) this.#callWatchful();
    return this.#round(review, ({ id }) => this.#due.has(id));
  }

  #round(review: Review, takesPart: (turn: Turn) => boolean): KubeObject | undefined {
    const bound = review.operation === 'DELETE' ? [] : mutatingPolicies(this.#context.store);
    if (bound.length === 0) return review.object;
    const { followed, faults } = followedPolicies(bound, review, this.#context);
    const objections: Objection[] = faults.map((fault) => ({ ...fault, reason: 'Forbidden' }));
    let current = review;
    for (const turn of followed.flatMap(turnsOf)) {
      const object = this.#take(turn, current, { takesPart, objections });
      current = { ...current, object };
    }
    if (this.#hasRun) this.#callWatchful();
    this.#left = current.object === undefined ? undefined : structuredClone(current.object);
    refuse(
      review,
      objections.filter(({ policy }) => !policy.failsOpen),
    );
    return current.object;
  }

  #take(
    turn: Turn,
    review: Review,
    { takesPart, objections }: { takesPart: (turn: Turn) => boolean; objections: Objection[] },
  ): KubeObject | undefined {
    const { policy, binding, resource } = turn;
    const objectTo = (message: string) =>
      void objections.push({ policy, binding, message, reason: 'Invalid' });
    const met = meetsConditions(policy, this.#seen(turn, review));
    if (met !== true) {
      if (met !== false) objectTo(met.faults);
      return review.object;
    }
    if (!takesPart(turn)) return review.object;
    let current = review;
    for (const mutation of policy.mutations) {
      if (current.object === undefined) break;
      try {
        const mutated = {
          object: current.object,
          review: current,
          resource,
          registry: this.#context.registry,
        };
        current = { ...current, object: applyMutation(mutation, this.#seen(turn, current), mutated) };
        this.#hasRun = true;
      } catch (error) {
        if (!(error instanceof MutationFault)) throw error;
        objectTo(error.message);
      }
    }
    if (!jsonEqual(current.object, review.object)) this.#callWatchful();
    if (policy.reinvoked) this.#watchful.add(turn.id);
    return current.object;
  }

  #seen({ policy, resource, param }: Turn, review: Review) {
    return seenBy(policy, sightOf(review, resource, this.#context), param);
  }

  #callWatchful(): void {
    for (const id of this.#watchful) this.#due.add(id);
    this.#watchful.clear();
  }
}

/** What policies alone make of a write: both rounds, with the built-in plugins in between. */
export function mutatePolicies(review: Review, context: ParamContext): KubeObject | undefined {
  const rounds = new PolicyRounds(context);
  const object = rounds.first(review);
  if (!rounds.hasRun || object === undefined) return object;
  review.readmit(object);
  return rounds.again({ ...review, object });
}

function turnsOf({ params, ...followed }: Followed<MutatingPolicy>): Turn[] {
  const { policy, binding } = followed;
  return params.map((param) => {
    const { namespace = '', name = '' } = param?.metadata ?? {};
    return { ...followed, param, id: JSON.stringify([policy.name, binding.name, namespace, name]) };
  });
}

function refuse(review: Review, objections: readonly Objection[]): void {
  const [first] = objections;
  if (first === undefined) return;
  const { facts } = forbiddenError(review.target.resource, nameOf(review), '');
  const causes = objections.map((objection) => ({ message: told(objection) }));
  throw new ApiError(told(first), { ...facts, reason: first.reason, details: { ...facts.details, causes } });
}

function told({ policy, binding, message }: Objection): string {
  const which =
    binding === undefined ? `"${policy.name}"` : `'${policy.name}' with binding '${binding.name}'`;
  return `policy ${which} denied request: ${message}`;
}
