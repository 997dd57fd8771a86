import { jsonEqual } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { goEqual } from '../schema/go-equal.ts';
import { genericRules, keepAllButStatus, keepStatus } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';

/** Rules of a kind whose status only the status subresource writes. */
export const withStatus: KindRules = {
  name: 'dns-subdomain',
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: true,
  prepareForCreate(draft) {
    delete draft['status'];
  },
  prepareForUpdate: (draft, old) => keepStatus(draft, old),
  status: { prepareForUpdate: keepAllButStatus, validateUpdate: () => [] },
  resetFields: { '': ['status'], status: ['spec'] },
};

/** Rules of nodes, which are created with what they can hold. */
export const keepsFirstStatus: KindRules = { ...withStatus, prepareForCreate: () => undefined };

/** Rules of a kind that counts the changes of its spec, and of whatever else is named. */
export function counted(rules: KindRules, ...fields: readonly ('annotations' | 'labels')[]): KindRules {
  return countedBy(goEqual, rules, fields);
}

/** Rules of a kind that counts the changes of its spec, which are also that an empty list took the place of none. */
export function countedExactly(rules: KindRules): KindRules {
  return countedBy(jsonEqual, rules, []);
}

function countedBy(
  same: typeof goEqual,
  rules: KindRules,
  fields: readonly ('annotations' | 'labels')[],
): KindRules {
  return {
    ...rules,
    prepareForCreate(draft, context) {
      rules.prepareForCreate?.(draft, context);
      draft.metadata.generation = 1;
    },
    prepareForUpdate(draft, old, context) {
      rules.prepareForUpdate?.(draft, old, context);
      const isSame =
        same(draft['spec'], old['spec']) &&
        fields.every((field) => same(draft.metadata[field] ?? {}, old.metadata[field] ?? {}));
      draft.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
    },
  };
}

/** Rules of a kind without a spec that counts the changes of everything but its metadata, or of its labels. */
export const countedWhole: KindRules = {
  ...genericRules,
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  prepareForUpdate(draft, old) {
    const content = ({ metadata, ...fields }: KubeObject) => ({ ...fields, labels: metadata.labels ?? {} });
    const same = goEqual(content(draft), content(old));
    draft.metadata.generation = (old.metadata.generation ?? 0) + (same ? 0 : 1);
  },
};

/** Rules of templates of pods, which count only what they say of pods. */
export const countedTemplate: KindRules = {
  ...genericRules,
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  prepareForUpdate(draft, old) {
    const same = goEqual(draft['template'], old['template']);
    draft.metadata.generation = (old.metadata.generation ?? 0) + (same ? 0 : 1);
  },
};

/** Rules of volumes, which tell since when they wait. */
export const pendingVolumes: KindRules = {
  ...withStatus,
  prepareForCreate(draft, context) {
    draft['status'] = { phase: 'Pending', lastPhaseTransitionTime: apiTime(context.nowMs()) };
  },
};

/** Rules of claims, which wait for a volume from the start. */
export const pendingClaims: KindRules = {
  ...withStatus,
  prepareForCreate(draft) {
    draft['status'] = { phase: 'Pending' };
  },
};
