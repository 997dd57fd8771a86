import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveLink } from '@meridian/link';
import type { IssuedCertificate, LinkServer } from '@meridian/link';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import { silent } from './rig.ts';

/** A hub that issues certificates of a short life, and who attached with which. */
export interface SigningHub extends AsyncDisposable {
  readonly caFile: string;
  readonly issued: readonly IssuedCertificate[];
  /** Serial numbers (lower-case hex) of the certificates that streams began with. */
  readonly attached: readonly string[];
  /** `host:port` of the link, the same after each start. */
  readonly url: string;
  /** Files of a certificate of the cluster `one` that is valid for so long from now. */
  give(validMs: number): { readonly certFile: string; readonly keyFile: string };
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts it with its files in `dir`. */
export async function startSigningHub(dir: string, lifeMs: number): Promise<SigningHub> {
  const authority = certificateAuthority('test');
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const own = authority.issue({
    commonName: 'hub',
    ipAddresses: ['127.0.0.1'],
    uris: ['spiffe://meridian/hub/hub-1'],
    usages: ['server'],
  });
  const files = {
    caFile: file('ca.pem', authority.certificatePem),
    certFile: file('hub.pem', own.certificatePem),
    keyFile: file('hub.key', own.keyPem),
  };
  const authorityKeyFile = file('authority.key', authority.keyPem);
  const issued: IssuedCertificate[] = [];
  const attached: string[] = [];
  let server: LinkServer | undefined;
  let port = 0;
  const start = async () => {
    server = await serveLink({
      ...files,
      address: `127.0.0.1:${port}`,
      hub: 'hub-1',
      heartbeatMs: 200,
      clock: systemClock,
      random: Math.random,
      log: silent,
      issuing: { authorityKeyFile, lifeMs, onIssued: (one) => void issued.push(one) },
      onHello: async ({ identity }) => void attached.push(identity.serialNumber.toLowerCase()),
      onSnapshot: () => Promise.resolve(),
      onApplication: () => Promise.resolve(),
      onEvent: () => Promise.resolve(),
      onHeartbeat: () => Promise.resolve(),
      onGone: () => undefined,
    });
    ({ port } = server);
  };
  const stop = async () => server?.stop();
  await start();
  return {
    caFile: files.caFile,
    issued,
    attached,
    url: `127.0.0.1:${port}`,
    start,
    stop,
    give(validMs) {
      const uris = ['spiffe://meridian/cluster/one'];
      const pair = authority.issue({ commonName: 'one', uris, usages: ['client'], validMs });
      return { certFile: file('one.pem', pair.certificatePem), keyFile: file('one.key', pair.keyPem) };
    },
    [Symbol.asyncDispose]: stop,
  };
}
