import { groupResource } from '../schema/resource.ts';
import type { Admission } from './admit.ts';
import { checkResize, oneDefaultPriority } from './default-classes.ts';
import { checkLimits } from './limit-ranger.ts';
import { restrictSubject } from './signer-subject.ts';

const byResource: Readonly<Record<string, readonly ((admission: Admission) => void)[]>> = {
  pods: [checkLimits],
  persistentvolumeclaims: [checkLimits, checkResize],
  'certificatesigningrequests.certificates.k8s.io': [restrictSubject],
  'priorityclasses.scheduling.k8s.io': [oneDefaultPriority],
};

/** Lets the built-in admission plugins refuse a write that is valid otherwise. Quotas come after all others. Throws ApiError. */
export function validateAdmission(admission: Admission): void {
  if (admission.target.subresource !== '') return;
  const plugins = byResource[groupResource(admission.target.resource.storage)] ?? [];
  for (const plugin of plugins) plugin(admission);
}
