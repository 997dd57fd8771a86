import { objectAt } from '../../json.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import { sealedContent, withImmutable } from '../immutable.ts';
import type { KindRules } from '../kind-rules.ts';
import { pendingClaims, pendingVolumes } from '../strategies.ts';
import { claimChange, claimErrors, claimWarnings, settleSources } from './claim-errors.ts';
import { configMapErrors, secretErrors, secretWarnings } from './content-errors.ts';
import { storageClassErrors } from './storage-class-errors.ts';
import { volumeChange, volumeWarnings } from './volume-change.ts';
import { volumeErrors } from './volume-errors.ts';

/** Rules of volumes, claims of them, their classes, and the small content that the cluster keeps itself. */
export const storageRules: Readonly<Record<string, KindRules>> = {
  configmaps: {
    ...genericRules,
    validateCreate: configMapErrors,
    validateUpdate: (after, before) => [...sealedContent(after, before), ...configMapErrors(after)],
  },
  secrets: {
    ...genericRules,
    prepareForUpdate(draft, old) {
      // An update that says nothing of the type keeps it.
      if ((draft['type'] ?? '') === '' && old['type'] !== undefined) draft['type'] = old['type'];
    },
    validateCreate: secretErrors,
    validateUpdate: (after, before, context) => [
      ...(withImmutable(genericRules, 'type').validateUpdate?.(after, before, context) ?? []),
      ...sealedContent(after, before),
      ...secretErrors(after),
    ],
    warnings: secretWarnings,
  },
  persistentvolumes: { ...checked(pendingVolumes, volumeErrors, volumeChange), warnings: volumeWarnings },
  persistentvolumeclaims: {
    ...checked(pendingClaims, claimErrors, claimChange),
    prepareForCreate(draft, context) {
      pendingClaims.prepareForCreate?.(draft, context);
      const spec = objectAt(draft, 'spec');
      if (spec !== undefined) settleSources(spec, undefined);
    },
    // Its phase.
    lacksDefaults: () => true,
    prepareForUpdate(draft, old, context) {
      pendingClaims.prepareForUpdate?.(draft, old, context);
      const spec = objectAt(draft, 'spec');
      if (spec !== undefined) settleSources(spec, objectAt(old, 'spec'));
    },
    warnings: claimWarnings,
  },
  'storageclasses.storage.k8s.io': {
    ...withImmutable(genericRules, 'parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'),
    validateCreate: storageClassErrors,
  },
};
