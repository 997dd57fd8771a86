import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';

/** Thrown to a writer that does not wait: webhooks are being asked, and the same write will find their answer. */
export class ReviewPending extends Error {}

type Outcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'passed'; readonly object: KubeObject | undefined; readonly atMs: number }
  | { readonly kind: 'refused'; readonly error: unknown; readonly atMs: number };

/** How long an answer is good for writes that are the same: ten pods of a set are ten such writes. */
const goodForMs = 1_000;
/** More than that are never waited for at once; the oldest are forgotten. */
const mostKept = 1_000;

/**
 * Answers of webhooks for writers that cannot wait. Controllers look again at what they could not do, so the first look asks and
 * a later one finds the answer. Equal writes within a second share one.
 */
export class ReviewMemo {
  readonly #outcomes = new Map<string, Outcome>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The answer to a review. Throws what webhooks refuse, and ReviewPending while `ask` has not answered yet. */
  answer(review: Review, ask: (review: Review) => Promise<KubeObject | undefined>): KubeObject | undefined {
    const key = keyOf(review);
    const known = this.#outcomes.get(key);
    if (known === undefined || (known.kind !== 'pending' && this.#nowMs() - known.atMs > goodForMs)) {
      this.#ask(key, review, ask);
      throw new ReviewPending('webhooks are being asked');
    }
    if (known.kind === 'pending') throw new ReviewPending('webhooks are being asked');
    if (known.kind === 'refused') throw known.error;
    return review.phase === 'mutating' ? structuredClone(known.object) : review.object;
  }

  #ask(key: string, review: Review, ask: (review: Review) => Promise<KubeObject | undefined>): void {
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size >= mostKept && oldest !== undefined) this.#outcomes.delete(oldest);
    this.#outcomes.set(key, { kind: 'pending' });
    ask({ ...review, object: review.object && structuredClone(review.object) }).then(
      (object) => void this.#outcomes.set(key, { kind: 'passed', object, atMs: this.#nowMs() }),
      (error: unknown) => void this.#outcomes.set(key, { kind: 'refused', error, atMs: this.#nowMs() }),
    );
  }
}

const times = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** What makes two writes the same, whatever is new in each try: times, UIDs and generated names. */
function keyOf({ phase, operation, target, object, old }: Review): string {
  const { uid: _uid, managedFields: _fields, ...metadata } = object?.metadata ?? {};
  const generated = metadata.generateName !== undefined && operation === 'CREATE';
  const named = { ...metadata, name: generated ? '' : metadata.name };
  const revision = old?.metadata.resourceVersion ?? '';
  const path = [
    phase,
    operation,
    groupResource(target.resource),
    target.namespace,
    target.subresource,
    revision,
  ];
  const name = generated ? '' : target.name;
  return JSON.stringify([...path, name, { ...object, metadata: named }]).replaceAll(times, '');
}
