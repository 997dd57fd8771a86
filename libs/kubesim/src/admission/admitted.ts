import type { Target, WriteOptions } from '../cluster/target.ts';
import type { RuleContext } from '../kinds/kind-rules.ts';
import type { KubeObject } from '../kube-object.ts';
import { admit } from './admit.ts';
import type { Review, Reviewed } from './review.ts';

/** What all reviews of one write have in common. */
export type OpenReview = Omit<Review, 'phase' | 'object' | 'readmit'>;

/** The reviews of a create or, with a stored object, of an update. */
export function reviewOf(
  target: Target,
  { dryRun, asked, view, warn = () => undefined }: Pick<WriteOptions, 'dryRun' | 'asked' | 'warn' | 'view'>,
  old: KubeObject | undefined,
): OpenReview {
  return { operation: old === undefined ? 'CREATE' : 'UPDATE', target, old, dryRun, asked, view, warn };
}

/** The draft as admission leaves it: built-in plugins first, then webhooks, then the plugins again on what webhooks changed. */
export function* admitted(review: OpenReview, draft: KubeObject, context: RuleContext): Reviewed<KubeObject> {
  const { old, target } = review;
  const readmit = (changed: KubeObject) => admit({ draft: changed, old, target, context });
  readmit(draft);
  return (yield { ...review, phase: 'mutating', object: draft, readmit }) ?? draft;
}

/** Lets webhooks refuse what is about to be stored, or what is about to go when there is no draft. */
export function* validated(review: OpenReview, draft: KubeObject | undefined): Reviewed<void> {
  // A generated name is told here: webhooks that change objects are asked before there is one.
  const { name } = review.target;
  const target = name === '' ? { ...review.target, name: draft?.metadata.name ?? '' } : review.target;
  yield { ...review, target, phase: 'validating', object: draft, readmit: () => undefined };
}

/** What is asked for and not stored (a binding, an eviction) as webhooks that change objects leave it. */
export function* asked(review: OpenReview, object: KubeObject): Reviewed<KubeObject> {
  return (yield { ...review, phase: 'mutating', object, readmit: () => undefined }) ?? object;
}
