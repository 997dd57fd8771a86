import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { Metadata, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { CertificateServiceClient } from '@meridian/wire';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificateRequest } from './issuing/certificate-request.ts';
import type { IssuedCertificate } from './issuing/certificate-desk.ts';
import { agentIdentity } from './peer-identity.ts';
import { chooseCredentials } from './renewing/choose-credentials.ts';
import { encodeKeptPair } from './renewing/kept-pair.ts';
import { renewCertificate } from './renewing/renew-certificate.ts';
import { linkRig } from './testing/link-rig.ts';

const dayMs = 86_400_000;
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const { signal } = new AbortController();
let rig: ReturnType<typeof linkRig>;
let issued: IssuedCertificate[];
beforeEach(() => {
  rig = linkRig();
  issued = [];
});
afterEach(() => rig.close());

/** A hub that may sign. */
async function signingHub(lifeMs = dayMs, more: Parameters<typeof rig.serve>[0] = {}) {
  const authorityKeyFile = join(rig.dir, 'authority.key');
  writeFileSync(authorityKeyFile, rig.authority.keyPem);
  const server = await rig.serve({
    issuing: { authorityKeyFile, lifeMs, onIssued: (one) => issued.push(one) },
    ...more,
  });
  return { server, url: `127.0.0.1:${server.port}` };
}

const renew = (urls: readonly string[], cluster: string, files = rig.agentFiles(cluster)) =>
  renewCertificate({ urls, cluster, credentials: chooseCredentials(files, Date.now()), signal });

/** Asks with bytes of our own making. */
function ask(url: string, files: ReturnType<typeof rig.agentFiles>, request: Buffer) {
  const secure = credentials.createSsl(
    readFileSync(files.caFile),
    readFileSync(files.keyFile),
    readFileSync(files.certFile),
  );
  const client = new CertificateServiceClient(url, secure);
  return new Promise<ServiceError | Buffer>((resolve) =>
    client.renew({ request }, new Metadata(), (error, answer) => {
      client.close();
      resolve(error ?? answer.certificate);
    }),
  );
}

describe('renewal over the link', () => {
  it('gives a certificate with which the agent attaches', async () => {
    const { url } = await signingHub();
    const pair = await renew([url], 'c1');
    const keptFile = join(rig.dir, 'kept.json');
    writeFileSync(keptFile, encodeKeptPair(pair));
    const absent = { certFile: join(rig.dir, 'none.crt'), keyFile: join(rig.dir, 'none.key') };
    const { link } = rig.attach([url], 'c1', { ...absent, keptFile });
    await until(() => expect(link.connected()).toBe(true));
    expect(issued).toEqual([
      { cluster: 'c1', proof: 'certificate', serialNumber: expect.any(String), endsAtMs: expect.any(Number) },
    ]);
  });

  it('names the cluster of the present certificate, whatever the request is for', async () => {
    const { url } = await signingHub();
    const answer = await ask(url, rig.agentFiles('c1'), makeCertificateRequest().request);
    expect(agentIdentity(answer as Buffer)?.cluster).toBe('c1');
  });

  it('goes to the next hub when one is away or does not sign', async () => {
    const plain = await rig.serve();
    const { url } = await signingHub();
    const pair = await renew(['127.0.0.1:1', `127.0.0.1:${plain.port}`, url], 'c1');
    expect(pair.certificate).toContain('BEGIN CERTIFICATE');
  });

  it('says that hubs leave renewal to others when none has the key of the authority', async () => {
    const plain = await rig.serve();
    await expect(renew([`127.0.0.1:${plain.port}`, '127.0.0.1:1'], 'c1')).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('gives one after another while the hub restarts in between, with the key from the file again', async () => {
    const first = await signingHub();
    await renew([first.url], 'c1');
    await first.server.stop();
    const second = await signingHub();
    await renew([first.url, second.url], 'c1');
    expect(issued.map(({ cluster }) => cluster)).toEqual(['c1', 'c1']);
  });

  it('does not start with a key that is not of the authority', async () => {
    const authorityKeyFile = join(rig.dir, 'other.key');
    writeFileSync(authorityKeyFile, certificateAuthority('other').keyPem);
    await expect(
      rig.serve({ issuing: { authorityKeyFile, lifeMs: dayMs, onIssued: () => undefined } }),
    ).rejects.toThrow('belongs to no certificate of an authority');
  });
});

describe('hostile requests for renewal', () => {
  const codeOf = (answer: ServiceError | Buffer) => (Buffer.isBuffer(answer) ? 'given' : answer.code);

  it('refuses a revoked certificate and a peer that is no agent, with an alarm', async () => {
    const { url } = await signingHub(dayMs, { isRevoked: ({ cluster }) => cluster === 'c1' });
    const { request } = makeCertificateRequest();
    expect(codeOf(await ask(url, rig.agentFiles('c1'), request))).toBe(status.PERMISSION_DENIED);
    const hub = rig.issue('posing', ['spiffe://meridian/hub/hub-1']);
    expect(codeOf(await ask(url, hub, request))).toBe(status.UNAUTHENTICATED);
    expect(rig.logged.filter(({ fields }) => 'alarm' in fields)).toHaveLength(2);
    expect(issued).toEqual([]);
  });

  it('refuses a huge request, garbage, and an ended certificate', async () => {
    const { url } = await signingHub();
    const files = rig.agentFiles('c1');
    expect(codeOf(await ask(url, files, Buffer.alloc(500_000, 0x30)))).toBe(status.PERMISSION_DENIED);
    expect(codeOf(await ask(url, files, Buffer.alloc(2_000_000, 0x30)))).toBe(status.RESOURCE_EXHAUSTED);
    expect(codeOf(await ask(url, files, Buffer.from('garbage')))).toBe(status.PERMISSION_DENIED);
    const ended = rig.issue('c1-ended', ['spiffe://meridian/cluster/c1'], rig.authority, -1_000);
    expect(codeOf(await ask(url, ended, makeCertificateRequest().request))).toBe(status.UNAVAILABLE);
    expect(issued).toEqual([]);
  });

  it('gives an agent that asks 1,000 times no more than a few, and others theirs', async () => {
    const { url } = await signingHub(dayMs, { clock: { ...systemClock, monotonicMs: () => 0 } });
    const files = rig.agentFiles('flood');
    const secure = credentials.createSsl(
      readFileSync(files.caFile),
      readFileSync(files.keyFile),
      readFileSync(files.certFile),
    );
    const client = new CertificateServiceClient(url, secure);
    const { request } = makeCertificateRequest();
    const one = () =>
      new Promise<number>((resolve) =>
        client.renew({ request }, new Metadata(), (error) => resolve(error?.code ?? 0)),
      );
    const answered: number[] = [];
    for (let done = 0; done < 1_000; done += 500)
      answered.push(...(await Promise.all(Array.from({ length: 500 }, one))));
    client.close();
    expect(answered.filter((code) => code === 0)).toHaveLength(5);
    expect(answered.filter((code) => code === Number(status.RESOURCE_EXHAUSTED))).toHaveLength(995);
    await renew([url], 'c2');
    expect(issued.filter(({ cluster }) => cluster === 'flood')).toHaveLength(5);
  });

  it('never says the key of the authority, even when its file is damaged under a running hub', async () => {
    const { url } = await signingHub();
    const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const text = String(secret.export({ type: 'pkcs8', format: 'pem' }));
    expect(createPrivateKey(text).type).toBe('private');
    for (const broken of [text, text.slice(0, 80), 'SECRETSECRET']) {
      writeFileSync(join(rig.dir, 'authority.key'), broken);
      const answer = await ask(url, rig.agentFiles('c1'), makeCertificateRequest().request);
      expect(codeOf(answer)).toBe(status.UNAVAILABLE);
    }
    const said = JSON.stringify(rig.logged);
    expect(said).toContain('a certificate could not be issued');
    expect(said).not.toContain('SECRET');
    expect(said).not.toContain(text.slice(40, 80));
  });
});
