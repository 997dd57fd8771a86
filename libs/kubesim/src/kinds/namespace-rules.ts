import { invalid } from '../errors/field-error.ts';
import { draftOf, isObject, itemsAt } from '../json.ts';
import { keepStatus } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { withStatus } from './strategies.ts';

const finalizer = 'kubernetes';
const unqualified = 'name is neither a standard finalizer name nor is it fully qualified';

/** Rules of namespaces, which the namespace controller has to finalize (pkg/registry/core/namespace/strategy.go). */
export const namespaceRules: KindRules = {
  ...withStatus,
  name: 'namespace',
  prepareForCreate(draft) {
    draft['status'] = { phase: 'Active' };
    const given = isObject(draft['spec']) ? draft['spec'] : {};
    const finalizers = Array.isArray(given['finalizers']) ? given['finalizers'] : [];
    draft['spec'] = {
      ...given,
      finalizers: finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer],
    };
  },
  validateCreate: (namespace) =>
    itemsAt(namespace, 'spec', 'finalizers').flatMap((name) =>
      typeof name !== 'string' || name.includes('/') || name === finalizer
        ? []
        : [invalid('spec.finalizers', name, unqualified)],
    ),
  prepareForUpdate(draft, old) {
    keepStatus(draft, old);
    draft['spec'] = draftOf(old['spec'] ?? {});
  },
};
