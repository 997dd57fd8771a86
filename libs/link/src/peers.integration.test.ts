import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Metadata, credentials, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { systemClock } from '@meridian/runtime';
import { certificateAuthority, healthyStatus } from '@meridian/testkit';
import { LinkServiceClient, applicationStatusToWire, snapshotToWire } from '@meridian/wire';
import type { AttachRequest } from '@meridian/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkRig, snapshotOf } from './testing/link-rig.ts';
import { beat, helloFrom, rawPeer } from './testing/raw-peer.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
let rig: ReturnType<typeof linkRig>;
beforeEach(() => {
  rig = linkRig();
});
afterEach(() => rig.close());

describe('who may attach', () => {
  it('refuses a certificate whose URI names no cluster', async () => {
    const server = await rig.serve();
    for (const [name, uris] of [
      ['none', []],
      ['other', ['spiffe://meridian/hub/hub-1']],
      ['two', ['spiffe://meridian/cluster/a', 'spiffe://meridian/cluster/b']],
      ['path', ['spiffe://meridian/cluster/a/b']],
      ['host', ['spiffe://elsewhere/cluster/a']],
      ['case', ['spiffe://meridian/cluster/A']],
    ] as const) {
      const peer = rawPeer(server.port, rig.issue(name, uris));
      peer.read();
      expect((await peer.ended)?.code, name).toBe(status.UNAUTHENTICATED);
      peer.close();
    }
    expect(rig.told).toEqual([]);
    expect(rig.logged.filter(({ level }) => level === 'error')).toHaveLength(6);
  });

  it('refuses a peer without a certificate, one of another authority, an expired one, and plaintext', async () => {
    const server = await rig.serve();
    const other = rig.issue('stranger', ['spiffe://meridian/cluster/c1'], certificateAuthority('other'));
    const expired = rig.issue('expired', ['spiffe://meridian/cluster/c1'], rig.authority, -1_000);
    const ca = readFileSync(other.caFile);
    const attempts = [
      credentials.createSsl(ca),
      credentials.createSsl(ca, readFileSync(other.keyFile), readFileSync(other.certFile)),
      credentials.createSsl(ca, readFileSync(expired.keyFile), readFileSync(expired.certFile)),
      credentials.createInsecure(),
    ];
    for (const attempt of attempts) {
      const client = new LinkServiceClient(`127.0.0.1:${server.port}`, attempt);
      const stream = client.attach(new Metadata());
      stream.write({ sequence: 1n, traceparent: '', message: helloFrom('c1') });
      const error = await new Promise<ServiceError>((resolve) => stream.on('error', resolve));
      expect(error.code).toBe(status.UNAVAILABLE);
      client.close();
    }
    expect(rig.told).toEqual([]);
  });

  it('ends the stream of an agent that speaks for another cluster, with an alarm', async () => {
    const server = await rig.serve();
    const files = rig.agentFiles('c1');
    const says: [string, AttachRequest['message'][]][] = [
      ['hello', [helloFrom('c2')]],
      [
        'application',
        [helloFrom('c1'), { $case: 'application', value: applicationStatusToWire(healthyStatus('c2', 'a')) }],
      ],
      [
        'snapshot',
        [
          helloFrom('c1'),
          {
            $case: 'snapshot',
            value: snapshotToWire(snapshotOf([healthyStatus('c1', 'a'), healthyStatus('c2', 'b')])),
          },
        ],
      ],
      [
        'event',
        [
          helloFrom('c1'),
          {
            $case: 'event',
            value: {
              atMs: 1n,
              level: 1,
              type: 'x.y',
              application: '',
              cluster: 'c2',
              revision: '',
              message: '',
            },
          },
        ],
      ],
    ];
    for (const [what, messages] of says) {
      const peer = rawPeer(server.port, files);
      peer.read();
      for (const message of messages) peer.say(message);
      expect((await peer.ended)?.code, what).toBe(status.PERMISSION_DENIED);
      peer.close();
    }
    expect(rig.told.filter(({ kind }) => !['hello', 'gone'].includes(kind))).toEqual([]);
    expect(rig.told.every(({ cluster }) => cluster === 'c1')).toBe(true);
    expect(rig.logged.filter(({ fields }) => 'alarm' in fields)).toHaveLength(4);
  });

  it('does not attach to another agent that poses as a hub', async () => {
    const server = await rig.serve(rig.issue('impostor', ['spiffe://meridian/cluster/evil']));
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() =>
      expect(rig.logged.some(({ fields }) => JSON.stringify(fields).includes('not of a hub'))).toBe(true),
    );
    expect(link.connected()).toBe(false);
    expect(rig.told).toEqual([]);
  });

  it('does not attach to a hub whose certificate is for another host', async () => {
    const pair = rig.authority.issue({
      commonName: 'hub',
      uris: ['spiffe://meridian/hub/hub-1'],
      dnsNames: ['elsewhere'],
      ipAddresses: ['10.0.0.1'],
      usages: ['server'],
    });
    const files = rig.issue('elsewhere', []);
    writeFileSync(files.certFile, pair.certificatePem);
    writeFileSync(files.keyFile, pair.keyPem);
    const server = await rig.serve(files);
    for (const host of ['127.0.0.1', 'localhost']) {
      rig.logged.length = 0;
      rig.attach([`${host}:${server.port}`], 'c1');
      await until(() => expect(JSON.stringify(rig.logged)).toMatch(/not in the cert's list|altnames/));
    }
    expect(rig.told).toEqual([]);
  });

  it('attaches by address and by name without a warning of node', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error) => warnings.push(warning.message);
    process.on('warning', warned);
    const server = await rig.serve();
    for (const host of ['127.0.0.1', 'localhost']) {
      const { link } = rig.attach([`${host}:${server.port}`], `by-${host.length}`);
      await until(() => expect(link.connected()).toBe(true));
    }
    process.off('warning', warned);
    expect(warnings.filter((text) => text.includes('ServerName'))).toEqual([]);
  });

  it('ends the stream of a revoked certificate with its next heartbeat, and lets it not attach again', async () => {
    let revoked = '';
    const server = await rig.serve({ isRevoked: (identity) => identity.fingerprint === revoked });
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    revoked = server.sessions()[0]!.identity.fingerprint;
    await until(() =>
      expect(rig.of('gone')[0]?.value).toMatchObject({ reason: 'the certificate is revoked' }),
    );
    await systemClock.wait(500, new AbortController().signal);
    expect(link.connected()).toBe(false);
    expect(server.sessions()).toEqual([]);
  });

  it('ends the stream of a certificate that comes to be in the list of revoked ones, and takes another of the same cluster', async () => {
    const revokedFile = join(rig.dir, 'revoked');
    writeFileSync(revokedFile, '# none yet\n');
    const hurried = {
      ...systemClock,
      wait: (ms: number, signal: AbortSignal) => systemClock.wait(ms / 20, signal),
    };
    const server = await rig.serve({ revokedFile, clock: hurried, heartbeatMs: 2_000 });
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c1');
    await until(() => expect(link.connected()).toBe(true));
    const { fingerprint } = server.sessions()[0]!.identity;
    writeFileSync(revokedFile, `sha256 ${fingerprint} # left with an employee\n`);
    await until(() =>
      expect(rig.of('gone')[0]?.value).toMatchObject({ reason: 'the certificate is revoked' }),
    );
    expect(rig.logged.some(({ message }) => message === 'a revoked certificate was used')).toBe(true);
    await until(() => expect(link.connected()).toBe(false));
    rig.agentFiles('c1');
    await until(() => expect(link.connected()).toBe(true));
    expect(server.sessions()[0]?.identity.fingerprint).not.toBe(fingerprint);
  });

  it('gives the cluster to the newest session', async () => {
    const server = await rig.serve();
    const files = rig.agentFiles('c1');
    const [one, two] = [rawPeer(server.port, files), rawPeer(server.port, files)];
    one.read();
    one.say(helloFrom('c1', 'one'));
    await until(() => expect(server.sessions()).toMatchObject([{ session: 'one' }]));
    two.read();
    two.say(helloFrom('c1', 'two'));
    expect((await one.ended)?.code).toBe(status.ABORTED);
    expect(server.sessions()).toMatchObject([{ session: 'two' }]);
    expect(rig.of('gone')).toMatchObject([{ session: 'one', value: { replaced: true } }]);
    one.close();
    two.close();
  });
});

describe('a peer that misbehaves', () => {
  it.each<[string, AttachRequest['message'][], bigint | undefined]>([
    ['reports before hello', [beat()], undefined],
    ['says hello twice', [helloFrom('c1'), helloFrom('c1')], undefined],
    ['sends an empty message first', [undefined], undefined],
    ['skips a sequence number', [helloFrom('c1')], 7n],
  ])('is refused when it %s', async (_what, messages, at) => {
    const server = await rig.serve();
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.read();
    for (const message of messages) peer.say(message, at);
    expect((await peer.ended)?.code).toBe(status.INVALID_ARGUMENT);
    peer.close();
  });

  it('loses only the report that cannot be read', async () => {
    const server = await rig.serve();
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.read();
    peer.say(helloFrom('c1'));
    peer.say({
      $case: 'application',
      value: { ...applicationStatusToWire(healthyStatus('c1', 'a')), health: 99 as never },
    });
    peer.say({ $case: 'application', value: applicationStatusToWire(healthyStatus('c1', 'b')) });
    await until(() => expect(rig.of('application')).toMatchObject([{ value: { application: 'b' } }]));
    await until(() =>
      expect(peer.responses.at(-1)?.message).toEqual({ $case: 'ack', value: { sequence: 3n } }),
    );
    expect(rig.logged.some(({ message }) => message === 'a report was refused')).toBe(true);
    peer.close();
  });

  it('is gone after three missed heartbeats', async () => {
    const server = await rig.serve({ heartbeatMs: 50 });
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.read();
    peer.say(helloFrom('c1'));
    expect((await peer.ended)?.code).toBe(status.DEADLINE_EXCEEDED);
    expect(rig.of('gone')).toMatchObject([{ cluster: 'c1', value: { replaced: false } }]);
    peer.close();
  });

  it('is closed when it floods, and others are not', async () => {
    const server = await rig.serve({ heartbeatMs: 1_000 });
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'calm');
    await until(() => expect(link.connected()).toBe(true));
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.read();
    peer.say(helloFrom('c1'));
    for (let count = 0; count < 5_000; count += 1) peer.say(beat());
    expect((await peer.ended)?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(rig.of('heartbeat').filter(({ cluster }) => cluster === 'c1').length).toBeLessThan(2_500);
    expect(link.connected()).toBe(true);
    peer.close();
  });

  it('is refused a message over 1 MB', async () => {
    const server = await rig.serve();
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.read();
    peer.say(helloFrom('c1'));
    const huge = { ...applicationStatusToWire(healthyStatus('c1', 'a')), message: 'x'.repeat(2_000_000) };
    peer.say({ $case: 'application', value: huge });
    expect((await peer.ended)?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(rig.of('application')).toEqual([]);
    peer.close();
  });

  it('costs the hub no memory when it never reads', async () => {
    const server = await rig.serve({ heartbeatMs: 2_000 });
    const peer = rawPeer(server.port, rig.agentFiles('c1'));
    peer.say(helloFrom('c1'));
    await until(() => expect(server.sessions()).toHaveLength(1));
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 1_500; count += 1) peer.say(beat());
    await until(() => expect(rig.of('heartbeat')).toHaveLength(1_500));
    rig.told.length = 0;
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 1024 * 1024);
    peer.close();
    await until(() => expect(server.sessions()).toEqual([]));
  });

  it('cannot stop the server with garbage after the handshake', async () => {
    const server = await rig.serve();
    const files = rig.agentFiles('c1');
    const socket = connect({
      port: server.port,
      host: '127.0.0.1',
      ca: readFileSync(files.caFile),
      cert: readFileSync(files.certFile),
      key: readFileSync(files.keyFile),
      ALPNProtocols: ['h2'],
    });
    socket.on('error', () => undefined);
    socket.resume();
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    socket.write(Buffer.alloc(10_000, 0xff));
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const { link } = rig.attach([`127.0.0.1:${server.port}`], 'c2');
    await until(() => expect(link.connected()).toBe(true));
  });
});
