import type { KubeObject } from '../../kube-object.ts';
import type { Store } from '../../store/store.ts';
import { bindingOf, mutatingPolicyOf, validatingPolicyOf } from './policy.ts';
import type { Binding, MutatingPolicy, Policy, ValidatingPolicy } from './policy.ts';

/** A policy and where it is followed. */
export interface BoundPolicy<P extends Policy> {
  readonly policy: P;
  readonly bindings: readonly Binding[];
}

const group = 'admissionregistration.k8s.io';

/** Stored objects never change in place, so each is read once. */
class Reader<T> {
  readonly #read = new WeakMap<KubeObject, T>();
  readonly #readOne: (object: KubeObject) => T;

  constructor(readOne: (object: KubeObject) => T) {
    this.#readOne = readOne;
  }

  of(object: KubeObject): T {
    const found = this.#read.get(object) ?? this.#readOne(object);
    this.#read.set(object, found);
    return found;
  }
}

const bindings = new Reader(bindingOf);
const validating = new Reader(validatingPolicyOf);
const mutating = new Reader(mutatingPolicyOf);

/** The validating policies of a cluster that are bound, by name. */
export function validatingPolicies(store: Store): readonly BoundPolicy<ValidatingPolicy>[] {
  return boundPolicies(store, 'validatingadmissionpolic', validating);
}

/** The mutating policies of a cluster that are bound, by name, which is the order in which they are followed. */
export function mutatingPolicies(store: Store): readonly BoundPolicy<MutatingPolicy>[] {
  return boundPolicies(store, 'mutatingadmissionpolic', mutating);
}

function boundPolicies<P extends Policy>(store: Store, stem: string, read: Reader<P>): BoundPolicy<P>[] {
  const bound = store.list(`${stem}ybindings.${group}`);
  if (bound.length === 0) return [];
  const byPolicy = Map.groupBy(
    bound.map((binding) => bindings.of(binding)),
    ({ policyName }) => policyName,
  );
  return store.list(`${stem}ies.${group}`).flatMap((object) => {
    const own = byPolicy.get(object.metadata.name ?? '');
    return own === undefined ? [] : [{ policy: read.of(object), bindings: own }];
  });
}
