import { readFile } from 'node:fs/promises';
import { errorText, FaultError } from '@meridian/runtime';
import type { ClusterAccess, Credentials, TlsMaterial } from './cluster-access.ts';
import { sharedWork } from './shared-work.ts';

/** Where the credentials of an access come from. */
export type CredentialSource = Pick<ClusterAccess, 'credentials' | 'forgetCredentials'>;

/** Credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { credentials: () => Promise.resolve(credentials), forgetCredentials: () => false };
}

/** How long credentials of a source are good: until a time on the monotonic clock, or for ever. */
export interface FetchedCredentials {
  readonly credentials: Credentials;
  readonly goodUntilMs: number;
}

/** Keeps what `fetch` gives until it is old or forgotten; callers that come together share one fetch. */
export function keptCredentials(
  fetch: (signal: AbortSignal) => Promise<FetchedCredentials>,
): CredentialSource {
  let kept: FetchedCredentials | undefined;
  const fetching = sharedWork(fetch);
  return {
    async credentials(signal) {
      if (kept !== undefined && performance.now() < kept.goodUntilMs) return kept.credentials;
      kept = await fetching.join(signal);
      return kept.credentials;
    },
    forgetCredentials() {
      kept = undefined;
      return true;
    },
  };
}

/** A token file that its owner rotates, as the kubelet does for service accounts: read again every minute. */
export function fileCredentials(path: string, tls: TlsMaterial): CredentialSource {
  return keptCredentials(async () => {
    try {
      const token = (await readFile(path, 'utf8')).trim();
      return {
        credentials: { authorization: `Bearer ${token}`, tls },
        goodUntilMs: performance.now() + 60_000,
      };
    } catch (error) {
      throw new FaultError('denied', `token file ${path} cannot be read: ${errorText(error)}`, {
        retry: 'later',
        cause: error,
      });
    }
  });
}
