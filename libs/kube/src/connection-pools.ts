import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { ClusterAccess, TlsMaterial } from './cluster-access.ts';

/** Kept connections to one API server: those of requests, few and used again, and those of watches, one each. */
export interface ConnectionPools {
  /** The pool for connections that present this TLS material. */
  pool(use: 'requests' | 'watches', material: TlsMaterial): PlainAgent;
  close(): void;
}

type Generation = {
  readonly requests: PlainAgent;
  readonly watches: PlainAgent;
  readonly material: TlsMaterial;
};

const mostRequestsAtOnce = 16;

/**
 * Makes the pools of an access. When the client certificate changes, new connections present the new one while those
 * that run go on; they are closed at the change after that.
 */
export function connectionPools(access: ClusterAccess): ConnectionPools {
  let current: Generation | undefined;
  let previous: Generation | undefined;
  return {
    pool(use, material) {
      if (current === undefined || !isSame(current.material, material)) {
        close(previous);
        previous = current;
        current = {
          material,
          requests: makePool(access, material, mostRequestsAtOnce),
          watches: makePool(access, material, Infinity),
        };
      }
      return current[use];
    },
    close() {
      close(previous);
      close(current);
    },
  };
}

/** Idle sockets are closed after 20 s, sooner than servers and load balancers do, so that few are found dead. */
function makePool(access: ClusterAccess, material: TlsMaterial, maxSockets: number): PlainAgent {
  const { proxyUrl } = access;
  const options = {
    keepAlive: true,
    maxSockets,
    // Between two kinds of a bundle all of them are free for a moment, and each new one costs a handshake.
    maxFreeSockets: mostRequestsAtOnce,
    timeout: 20_000,
    scheduling: 'lifo',
    ...(proxyUrl === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl } }),
  } as const;
  return access.url.startsWith('https:')
    ? new TlsAgent({ ...options, ...material })
    : new PlainAgent(options);
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const names = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const;
  return names.every((name) => one[name] === other[name]);
}

function close(generation: Generation | undefined): void {
  generation?.requests.destroy();
  generation?.watches.destroy();
}
