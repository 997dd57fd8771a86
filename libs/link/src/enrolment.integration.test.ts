import { X509Certificate, createPrivateKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import { EnrolmentServiceClient } from '@meridian/wire';
import type { EnrolRequest } from '@meridian/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IssuedCertificate } from './issuing/certificate-desk.ts';
import { makeCertificateRequest } from './issuing/certificate-request.ts';
import { enrolmentText } from './issuing/judge-ended.ts';
import { agentIdentity } from './peer-identity.ts';
import { chooseCredentials } from './renewing/choose-credentials.ts';
import { enrolCertificate, newCertificateRequest } from './renewing/enrol-certificate.ts';
import { serveEnrolment } from './serve-enrolment.ts';
import type { ServeEnrolmentConfig } from './serve-enrolment.ts';
import { linkRig } from './testing/link-rig.ts';

const dayMs = 86_400_000;
const { signal } = new AbortController();
let rig: ReturnType<typeof linkRig>;
let issued: IssuedCertificate[];
let stops: (() => Promise<void>)[];
beforeEach(() => {
  rig = linkRig();
  issued = [];
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await rig.close();
});

async function enrolmentHub(more: Partial<ServeEnrolmentConfig> = {}): Promise<string> {
  const authorityKeyFile = join(rig.dir, 'authority.key');
  writeFileSync(authorityKeyFile, rig.authority.keyPem);
  const log = (level: string) => (fields: object, message: string) =>
    void rig.logged.push({ level, fields, message });
  const server = await serveEnrolment({
    ...rig.issue('hub', ['spiffe://meridian/hub/hub-1']),
    authorityKeyFile,
    address: '127.0.0.1:0',
    lifeMs: dayMs,
    graceMs: 30 * dayMs,
    onIssued: (one) => issued.push(one),
    takeToken: async ({ cluster, token }) =>
      cluster === 'c1' && token === 'good' ? { ok: true } : { ok: false, reason: 'not that token' },
    clock: systemClock,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    ...more,
  });
  stops.push(() => server.stop());
  return `127.0.0.1:${server.port}`;
}

/** Files of a certificate of a cluster that ended so long ago. */
const ended = (cluster: string, agoMs: number, from = rig.authority) =>
  rig.issue(`${cluster}-ended`, [`spiffe://meridian/cluster/${cluster}`], from, -agoMs);

function ask(url: string, message: EnrolRequest): Promise<ServiceError | Buffer> {
  const client = new EnrolmentServiceClient(
    url,
    credentials.createSsl(readFileSync(join(rig.dir, 'ca.pem'))),
  );
  return new Promise((resolve) =>
    client.enrol(message, new Metadata(), (error, answer) => {
      client.close();
      resolve(error ?? answer.certificate);
    }),
  );
}

/** What an agent shows that has these files. */
function shown(
  files: ReturnType<typeof ended>,
  { cluster = 'c1', request = makeCertificateRequest().request, keyFile = files.keyFile } = {},
): EnrolRequest {
  const signature = sign('sha256', enrolmentText(request), createPrivateKey(readFileSync(keyFile)));
  const certificate = new X509Certificate(readFileSync(files.certFile)).raw;
  return { cluster, request, proof: { $case: 'ended', value: { certificate, signature } } };
}

const said = (answer: ServiceError | Buffer) =>
  Buffer.isBuffer(answer) ? 'given' : `${status[answer.code]}: ${answer.details}`;

describe('an agent whose certificate has ended', () => {
  it('gets one for its own cluster within the grace, at an address that gives nothing else', async () => {
    const url = await enrolmentHub();
    const files = ended('c1', 29 * dayMs);
    const chosen = chooseCredentials(files, Date.now());
    const pair = await enrolCertificate({
      urls: ['127.0.0.1:1', url],
      cluster: 'c1',
      ca: chosen.ca,
      proof: { kind: 'ended', credentials: chosen },
      made: await newCertificateRequest(),
      signal,
    });
    const certificate = new X509Certificate(pair.certificate);
    expect(agentIdentity(certificate.raw)?.cluster).toBe('c1');
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(issued).toMatchObject([{ cluster: 'c1', proof: 'ended' }]);
    const { link } = rig.attach([url], 'c2');
    await systemClock.wait(300, signal);
    expect(link.connected()).toBe(false);
  });

  it('gets none after the grace, and is told what it needs', async () => {
    const url = await enrolmentHub();
    expect(said(await ask(url, shown(ended('c1', 31 * dayMs))))).toBe(
      'PERMISSION_DENIED: the certificate ended too long ago; a token is needed',
    );
    expect(issued).toEqual([]);
  });
});

describe('hostile enrolment', () => {
  it('refuses what is not proved, with an alarm', async () => {
    const revokedFile = join(rig.dir, 'revoked');
    const revoked = ended('c1', 2_000);
    const { serialNumber } = new X509Certificate(readFileSync(revoked.certFile));
    writeFileSync(revokedFile, `serial ${serialNumber}\n`);
    const revokedAsk = shown(revoked);
    const url = await enrolmentHub({ revokedFile });
    const mine = ended('c1', 1_000);
    const good = shown(mine);
    const other = ended('c2', 1_000);
    const hub = rig.issue('hub-1', ['spiffe://meridian/hub/hub-1']);
    const early = shown(mine);
    const cases: [string, EnrolRequest, RegExp][] = [
      ['revoked', revokedAsk, /revoked/],
      ['another cluster', shown(other), /not of the agent of cluster c1/],
      ['a foreign key', shown(mine, { keyFile: other.keyFile }), /not signed with the key/],
      ['another request', { ...good, request: makeCertificateRequest().request }, /not signed with the key/],
      ['the certificate of a hub', shown(hub), /not of the agent/],
      ['another authority', shown(ended('c1', 1, certificateAuthority('test'))), /not of the authority/],
      ['no proof', { ...early, proof: undefined }, /neither an ended certificate nor a token/],
      ['a wrong token', { ...early, proof: { $case: 'token', value: 'bad' } }, /not that token/],
      [
        'the token of another',
        { ...early, cluster: 'c2', proof: { $case: 'token', value: 'good' } },
        /not that token/,
      ],
      ['a long token', { ...early, proof: { $case: 'token', value: 'x'.repeat(300) } }, /not one of a hub/],
      [
        'no name',
        { ...early, cluster: '../c1', proof: { $case: 'token', value: 'good' } },
        /no name of a cluster/,
      ],
      [
        'garbage',
        { ...good, request: Buffer.from('garbage'), proof: { $case: 'token', value: 'good' } },
        /PKCS #10/,
      ],
    ];
    for (const [what, message, reason] of cases) {
      const answer = said(await ask(url, message));
      expect(answer, what).toMatch(/^PERMISSION_DENIED/);
      expect(answer, what).toMatch(reason);
    }
    expect(said(await ask(url, { ...good, request: Buffer.alloc(100_000) }))).toMatch(/^RESOURCE_EXHAUSTED/);
    expect(issued).toEqual([]);
    const logged = JSON.stringify(rig.logged);
    expect(logged).not.toContain('xxx');
    expect(rig.logged.filter(({ fields }) => 'alarm' in fields).length).toBeGreaterThanOrEqual(11);
  });

  it('takes a repeated request for what it is: a certificate for the same key, of no use without it', async () => {
    const url = await enrolmentHub();
    const overheard = shown(ended('c1', 1_000));
    const first = new X509Certificate((await ask(url, overheard)) as Buffer);
    const second = new X509Certificate((await ask(url, overheard)) as Buffer);
    const spki = (one: X509Certificate) => one.publicKey.export({ type: 'spki', format: 'pem' });
    expect(spki(first)).toBe(spki(second));
  });

  it('answers no more than a few of very many requests from an address', async () => {
    const url = await enrolmentHub({ clock: { ...systemClock, monotonicMs: () => 0 } });
    const client = new EnrolmentServiceClient(
      url,
      credentials.createSsl(readFileSync(join(rig.dir, 'ca.pem'))),
    );
    const message: EnrolRequest = { cluster: 'c1', request: Buffer.from('x'), proof: undefined };
    const codes = await Promise.all(
      Array.from(
        { length: 500 },
        () =>
          new Promise<number>((resolve) =>
            client.enrol(message, new Metadata(), (error) => resolve(error?.code ?? 0)),
          ),
      ),
    );
    client.close();
    expect(codes.filter((code) => code === Number(status.PERMISSION_DENIED))).toHaveLength(20);
    expect(codes.filter((code) => code === Number(status.RESOURCE_EXHAUSTED))).toHaveLength(480);
  });
});
