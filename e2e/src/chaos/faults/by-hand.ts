import { request } from 'node:https';
import type { ApiServerAccess } from '@meridian/testkit';
import { probe } from '../rig/manifests.ts';

const path = `/apis/apps/v1/namespaces/${probe}/deployments/web`;
const wrong = 3;

/** Scales a deployment as a person would; gives a question that says whether it was put back. */
export async function scaleByHand(access: ApiServerAccess): Promise<() => Promise<boolean>> {
  await ask(access, 'PATCH', JSON.stringify({ spec: { replicas: wrong } }));
  return async () =>
    (JSON.parse(await ask(access, 'GET')) as { spec: { replicas: number } }).spec.replicas !== wrong;
}

function ask(access: ApiServerAccess, method: 'GET' | 'PATCH', body?: string): Promise<string> {
  const headers = {
    authorization: `Bearer ${access.token}`,
    'content-type': 'application/merge-patch+json',
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(path, access.url),
      { method, ca: access.caPem, headers, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}
