import type { TestPlane } from './plane.ts';
import { configMap, until } from './rig.ts';

const fieldManager = 'test';
const { signal } = new AbortController();
const apiVersion = 'admissionregistration.k8s.io/v1';

/**
 * Has a policy refuse one kind of change to ConfigMaps of a namespace, with this message, once it gives its answer; what it
 * gives ends that. The probe that waits for the policy writes nothing.
 */
export async function forbid(
  plane: TestPlane,
  namespace: string,
  operation: 'CREATE' | 'DELETE',
  message: string,
): Promise<() => Promise<void>> {
  const { kube } = plane;
  const name = `no-${operation.toLowerCase()}-${namespace}`;
  const options = { fieldManager, force: true, signal };
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: [operation],
    resources: ['configmaps'],
  };
  const spec = {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: `request.namespace != '${namespace}'`, message }],
  };
  await kube.apply({ apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec }, options);
  const binding = { policyName: name, validationActions: ['Deny'] };
  const bound = { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: binding };
  await kube.apply(bound, options);
  const probe = { ...configMap('probe'), metadata: { name: 'probe', namespace } };
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'probe' };
  if (operation === 'DELETE') await kube.apply(probe, options);
  const isRefused = async () => {
    try {
      if (operation === 'CREATE') await kube.create(probe, { fieldManager, dryRun: true, signal });
      else await kube.remove(ref, { dryRun: true, signal });
      return false;
    } catch (error) {
      return String(error).includes(message);
    }
  };
  await until('the policy is in force', isRefused);
  return async () => {
    for (const kind of ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'])
      await kube.remove({ apiVersion, kind, name }, { signal });
    await until('the policy is not in force any more', async () => !(await isRefused()));
  };
}
