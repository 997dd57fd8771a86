import { goQuote } from '@meridian/cel';
import type { Registry } from '../../cluster/registry.ts';
import { internalServerError } from '../../errors/api-error.ts';
import { jsonEqual } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Store } from '../../store/store.ts';
import type { Faults } from '../../faults/faults.ts';
import { mutatedBy, mutationsOf, takeTime } from '../../faults/mutations.ts';
import { mutatePolicies, PolicyRounds } from '../policies/mutate-policies.ts';
import { validatePolicies } from '../policies/validate-policies.ts';
import type { Review, Reviewed, Reviewer } from '../review.ts';
import { askHook } from './ask-hook.ts';
import type { ReviewAnswer } from './admission-review.ts';
import { HookFailure } from './call-hook.ts';
import type { ServiceAddresses } from './call-hook.ts';
import { configuredHooks } from './configured-hooks.ts';
import type { Hook } from './configured-hooks.ts';
import { patchedByHook, readHookPatch } from './hook-patch.ts';
import { invitation } from './invitation.ts';
import { isExempt } from './match-hook.ts';
import { failedError } from './refusals.ts';
import { ReviewMemo } from './review-memo.ts';
import { inVersion } from './seen-object.ts';

/** What webhooks of a cluster need of it. */
export interface WebhookContext {
  readonly store: Store;
  readonly registry: Registry;
  readonly services: ServiceAddresses;
  readonly nowMs: () => number;
  /** Which mutations are asked for instead of webhooks. */
  readonly faults: Faults;
}

/** Follows the admission policies of the cluster and asks its webhooks, over HTTPS, as the API server does: policies come first. */
export class WebhookReviewer implements Reviewer {
  readonly #context: WebhookContext;
  readonly #memo: ReviewMemo;

  constructor(context: WebhookContext) {
    this.#context = context;
    this.#memo = new ReviewMemo(context.nowMs);
  }

  async pass<T>(write: Reviewed<T>): Promise<T> {
    let step = write.next();
    while (step.done !== true) step = write.next(await this.#review(step.value));
    return step.value;
  }

  passNow<T>(write: Reviewed<T>): T {
    let step = write.next();
    while (step.done !== true) step = write.next(this.#reviewNow(step.value));
    return step.value;
  }

  async #review(review: Review): Promise<KubeObject | undefined> {
    if (isExempt(review.target.resource)) return review.object;
    const hooks = configuredHooks(this.#context.store, review.phase);
    if (review.phase === 'mutating') return this.#mutate(review, hooks);
    validatePolicies(review, this.#context);
    if (hooks.length > 0) await this.#validate(review, hooks);
    return review.object;
  }

  async #mutate(review: Review, hooks: readonly Hook[]): Promise<KubeObject | undefined> {
    const object =
      hooks.length === 0
        ? mutatePolicies(review, this.#context)
        : await new Mutation(review, this.#context).run(hooks);
    const mutations = mutationsOf(this.#context.faults, review);
    await takeTime(mutations);
    return mutatedBy(mutations, { ...review, object });
  }

  /** What the cluster's own parts write. Events are let through: they tell of writes that failed, and nobody tries them again. */
  #reviewNow(review: Review): KubeObject | undefined {
    const { resource } = review.target;
    if (isExempt(resource) || groupResource(resource).startsWith('events')) return review.object;
    const hooks = configuredHooks(this.#context.store, review.phase);
    if (hooks.some((hook) => invitation(hook, review, this.#context) !== undefined)) {
      return this.#memo.answer(review, (asked) => this.#review(asked));
    }
    if (review.phase === 'mutating') {
      return this.#mutatedNow({ ...review, object: mutatePolicies(review, this.#context) });
    }
    validatePolicies(review, this.#context);
    return review.object;
  }

  /** Mutations that take time take it here too. */
  #mutatedNow(review: Review): KubeObject | undefined {
    const mutations = mutationsOf(this.#context.faults, review);
    if (mutations.every(({ delayMs = 0 }) => delayMs === 0)) return mutatedBy(mutations, review);
    return this.#memo.answer(review, async (asked) => {
      await takeTime(mutations);
      return mutatedBy(mutations, asked);
    });
  }

  /** All are asked at once; the first refusal to come is told. */
  async #validate(review: Review, hooks: readonly Hook[]): Promise<void> {
    const refusals: unknown[] = [];
    const invited = hooks.map((hook) => ({ hook, resource: invitation(hook, review, this.#context) }));
    await Promise.all(
      invited.map(async ({ hook, resource }) => {
        try {
          if (resource !== undefined) await askHook(hook, review, resource, this.#context);
        } catch (error) {
          refusals.push(error);
        }
      }),
    );
    if (refusals.length > 0) throw refusals[0];
  }
}

/** One write on its way through the policies and webhooks that may change it, once, and again through those that ask for it. */
class Mutation {
  readonly #context: WebhookContext;
  #review: Review;
  /** Webhooks to ask again as soon as something changes the object. */
  readonly #watchful = new Set<string>();
  readonly #due = new Set<string>();
  #changed = false;

  constructor(review: Review, context: WebhookContext) {
    this.#review = review;
    this.#context = context;
  }

  async run(hooks: readonly Hook[]): Promise<KubeObject | undefined> {
    const policies = new PolicyRounds(this.#context);
    this.#review = { ...this.#review, object: policies.first(this.#review) };
    for (const hook of hooks) await this.#ask(hook);
    const { object, readmit } = this.#review;
    if (!(this.#changed || policies.hasRun) || object === undefined) return object;
    const output = structuredClone(object);
    readmit(object);
    this.#review = { ...this.#review, object: policies.again(this.#review) };
    if (!jsonEqual(output, this.#review.object)) this.#callWatchful();
    for (const hook of hooks) if (this.#due.has(hook.id)) await this.#ask(hook);
    return this.#review.object;
  }

  async #ask(hook: Hook): Promise<void> {
    const resource = invitation(hook, this.#review, this.#context);
    if (resource === undefined) return;
    const answer = await askHook(hook, this.#review, resource, this.#context);
    if (answer !== undefined && this.#change(hook, answer, resource)) {
      this.#changed = true;
      this.#callWatchful();
    }
    if (hook.reinvoked) this.#watchful.add(hook.id);
  }

  #callWatchful(): void {
    for (const id of this.#watchful) this.#due.add(id);
    this.#watchful.clear();
  }

  /** @returns whether the answer's patch changed the object. */
  #change(hook: Hook, { patch, patchType }: ReviewAnswer, resource: Resource): boolean {
    try {
      const operations = readHookPatch(patch);
      if (operations.length === 0) return false;
      const { registry } = this.#context;
      const { object } = this.#review;
      const seen = inVersion(object, resource, this.#review, registry);
      if (seen === undefined || object === undefined) throw unchangeable(hook);
      if (patchType !== 'JSONPatch') throw new HookFailure(`unsupported patch type ${goQuote(patchType)}`);
      const changed = patchedByHook(seen, operations, { object, review: this.#review, resource, registry });
      this.#review = { ...this.#review, object: changed };
      return !goEqual(changed, object);
    } catch (error) {
      if (!(error instanceof HookFailure)) throw error;
      if (hook.failsOpen) return false;
      throw failedError(hook.name, error.message);
    }
  }
}

function unchangeable(hook: Hook): Error {
  return internalServerError(
    `admission webhook ${goQuote(hook.name)} attempted to modify the object, which is not supported for this operation`,
  );
}
