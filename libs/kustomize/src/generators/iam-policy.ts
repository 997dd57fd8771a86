import type { Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { newResource, originOf, type Resource } from '../resources/resource.ts';

/** What an IAMPolicyGenerator says (api/types/iampolicygenerator.go). */
export interface IamPolicyFields {
  readonly cloud?: string;
  readonly kubernetesService?: { readonly name?: string; readonly namespace?: string };
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string };
}

/** The ServiceAccount that stands for an account of Google Cloud, the one cloud that kustomize knows. */
export function generateIamPolicy(fields: IamPolicyFields, { place }: Step): Resource {
  const { cloud = '', kubernetesService, serviceAccount } = fields;
  if (cloud !== 'gke')
    refuse({ ...place, message: `the cloud ${cloud} is not supported`, fix: 'write cloud: gke' });
  const { name = '', namespace = '' } = kubernetesService ?? {};
  const { name: account = '', projectId = '' } = serviceAccount ?? {};
  return newResource(
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        annotations: { 'iam.gke.io/gcp-service-account': `${account}@${projectId}.iam.gserviceaccount.com` },
        name,
        ...(namespace === '' ? {} : { namespace }),
      },
    },
    originOf(place),
  );
}
