import type { RequestOptions } from 'node:https';
import type { TlsMaterial } from './cluster-access.ts';
import { keptCredentials } from './credentials.ts';
import type { CredentialSource } from './credentials.ts';

/**
 * Credentials of a legacy `auth-provider` (oidc, azure, gcp), asked from @kubernetes/client-node every minute.
 * The package is loaded only here and only then: it brings 60 MB of API models.
 */
export function providerCredentials(path: string, context: string, tls: TlsMaterial): CredentialSource {
  return keptCredentials(async () => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromFile(path);
    config.setCurrentContext(context);
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const headers = new Map(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const authorization = headers.get('authorization');
    return {
      credentials: { authorization: typeof authorization === 'string' ? authorization : undefined, tls },
      goodUntilMs: performance.now() + 60_000,
    };
  });
}
