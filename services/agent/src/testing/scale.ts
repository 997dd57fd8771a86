import { request } from 'node:https';
import type { TestPlane } from './plane.ts';

/** Sets the replicas of a Deployment through its scale, as an autoscaler or `kubectl scale` does. */
export function scaleDeployment(
  { control: { url, token, caPem } }: TestPlane,
  at: { readonly namespace: string; readonly name: string },
  { replicas, fieldManager }: { readonly replicas: number; readonly fieldManager: string },
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${at.namespace}/deployments/${at.name}/scale`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}?fieldManager=${fieldManager}`,
      { method: 'PATCH', headers, ca: caPem },
      (answer) => {
        answer.resume();
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`scaling ${at.name} ended with ${answer.statusCode}`));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ spec: { replicas } }));
  });
}
