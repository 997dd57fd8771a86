import { resourcesIn } from '../build/documents.ts';
import type { Step } from '../build/step.ts';
import { outcomeOf, refuse } from '../refusal.ts';
import { newResource, originOf, type Resource } from '../resources/resource.ts';

/** What an IAMPolicyGenerator says (api/types/iampolicygenerator.go). */
export interface IamPolicyFields {
  readonly cloud?: string;
  readonly kubernetesService?: { readonly name?: string; readonly namespace?: string };
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string };
}

/**
 * The ServiceAccount that stands for an account of Google Cloud, the one cloud that kustomize knows. As upstream it is
 * written as YAML without quotes and read again: names that mean something to YAML mean it.
 */
export function generateIamPolicy(fields: IamPolicyFields, { place }: Step): readonly Resource[] {
  const { cloud = '', kubernetesService, serviceAccount } = fields;
  if (cloud !== 'gke')
    refuse({ ...place, message: `the cloud ${cloud} is not supported`, fix: 'write cloud: gke' });
  const text = accountText(kubernetesService, serviceAccount);
  const read = outcomeOf(() => resourcesIn(text, place.file));
  if ('errors' in read)
    refuse({
      ...place,
      message: `the ServiceAccount cannot be written as YAML: ${read.errors[0]?.message ?? ''}`,
      fix: 'use names without characters that mean something to YAML',
    });
  return read.slice(0, 1).map((resource) => newResource(resource.fields, originOf(place)));
}

function accountText(
  { name = '', namespace = '' }: IamPolicyFields['kubernetesService'] = {},
  { name: account = '', projectId = '' }: IamPolicyFields['serviceAccount'] = {},
): string {
  return `
apiVersion: v1
kind: ServiceAccount
metadata:
  annotations:
    iam.gke.io/gcp-service-account: ${account}@${projectId}.iam.gserviceaccount.com
  name: ${name}
${namespace === '' ? '' : `\n  namespace: ${namespace}`}`;
}
