import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveEnrolment, serveLink } from '@meridian/link';
import type { EnrolmentServer, IssuedCertificate, LinkServer } from '@meridian/link';
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
  /** `host:port` where it enrols. */
  readonly enrolUrl: string;
  /** Tokens that it takes; each one is good for one request. */
  readonly tokens: Map<string, string>;
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
  const tokens = new Map<string, string>();
  const issuing = { authorityKeyFile, lifeMs, onIssued: (one: IssuedCertificate) => void issued.push(one) };
  let server: LinkServer | undefined;
  let door: EnrolmentServer | undefined;
  let port = 0;
  let enrolPort = 0;
  const start = async () => {
    server = await serveLink({
      ...files,
      address: `127.0.0.1:${port}`,
      hub: 'hub-1',
      heartbeatMs: 200,
      clock: systemClock,
      random: Math.random,
      log: silent,
      issuing,
      onHello: async ({ identity }) => void attached.push(identity.serialNumber.toLowerCase()),
      onSnapshot: () => Promise.resolve(),
      onApplication: () => Promise.resolve(),
      onEvent: () => Promise.resolve(),
      onHeartbeat: () => Promise.resolve(),
      onGone: () => undefined,
    });
    ({ port } = server);
    door = await serveEnrolment({
      ...files,
      ...issuing,
      address: `127.0.0.1:${enrolPort}`,
      graceMs: 30 * 86_400_000,
      takeToken: async ({ token, request }) => {
        const text = Buffer.from(request).toString('base64');
        const takenBy = tokens.get(token);
        if (takenBy === '') tokens.set(token, text);
        return takenBy === '' || takenBy === text ? { ok: true } : { ok: false, reason: 'not that token' };
      },
      clock: systemClock,
      log: silent,
    });
    enrolPort = door.port;
  };
  const stop = async () => {
    await Promise.all([server?.stop(), door?.stop()]);
  };
  await start();
  return {
    caFile: files.caFile,
    issued,
    attached,
    url: `127.0.0.1:${port}`,
    enrolUrl: `127.0.0.1:${enrolPort}`,
    tokens,
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
