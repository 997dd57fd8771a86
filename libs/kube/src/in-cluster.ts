import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, FaultError } from '@meridian/runtime';
import type { ClusterAccess } from './cluster-access.ts';
import { fileCredentials } from './credentials.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The access of a pod through its service account. The API server is reached by its service name, which every
 * cluster with DNS has and which the certificate authority in the pod vouches for.
 */
export async function openInCluster(
  folder = serviceAccountFolder,
  url = 'https://kubernetes.default.svc',
): Promise<ClusterAccess> {
  try {
    const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
    return { url, ...fileCredentials(join(folder, 'token'), { ca }) };
  } catch (error) {
    throw new FaultError('invalid', `not inside a cluster: ${errorText(error)}; give a kubeconfig`, {
      retry: 'never',
      cause: error,
    });
  }
}
