import { expect, test } from 'vitest';
import { natsServerConfig } from './nats-server-config.ts';
import type { NatsServerConfigOptions } from './nats-server-config.ts';
import { createNkey, nkeyOfSeed } from './nkey.ts';

const [hub, alpha, beta] = [createNkey(), createNkey(), createNkey()];
const options: NatsServerConfigOptions = {
  hubPublicKey: hub.publicKey,
  clusters: [
    { name: 'alpha', publicKey: alpha.publicKey },
    { name: 'beta', publicKey: beta.publicKey },
  ],
  port: 4222,
  storeDir: '/var/lib/nats',
};
const text = natsServerConfig(options);

/** The text of one account. */
function account(name: string): string {
  const start = text.indexOf(`"CLUSTER_${name}" {`);
  return text.slice(start, text.indexOf('\n  }', start));
}

test("a cluster's account names its own subjects and no other cluster", () => {
  expect(account('alpha')).toContain(alpha.publicKey);
  expect(account('alpha')).toContain('"$JS.API.DIRECT.GET.MERIDIAN_LEDGER.ledger.main.assign.alpha.*"');
  expect(account('alpha')).not.toContain('beta');
  expect(account('beta')).not.toContain('alpha');
});

test('each export is for one named account', () => {
  const exports = text.match(/\{ (stream|service): "[^"]+", accounts: \[[^\]]+\] \}/g) ?? [];
  expect(exports).toHaveLength(8);
  expect(text.match(/accounts: \["CLUSTER_alpha"\]/g)).toHaveLength(4);
});

test("the hub's own subjects and the JetStream API are never exported", () => {
  const exported = [...text.matchAll(/\{ (?:stream|service): "([^"]+)", accounts/g)].map(
    (found) => found[1] ?? '',
  );
  expect(
    exported.filter((subject) => /hub\.|status|event|claim|rollout|STREAM|CONSUMER|>/.test(subject)),
  ).toEqual([]);
});

test('no user may publish or hear everything', () => {
  expect(text).not.toMatch(/"[*>]"/);
  expect(text.match(/nkey: U/g)).toHaveLength(3);
  expect(text).not.toContain(hub.seed);
});

test('there is no monitoring unless asked for, and then on this machine only', () => {
  expect(text).not.toContain('http');
  expect(natsServerConfig({ ...options, host: '0.0.0.0', monitorPort: 8222 })).toContain(
    'http: "127.0.0.1:8222"',
  );
});

test('every write is synced to disk where the server knows how', () => {
  expect(text).toContain('sync_interval: always');
  expect(natsServerConfig({ ...options, serverVersion: '2.9.10' })).not.toContain('sync_interval');
});

test.each<[string, Partial<NatsServerConfigOptions>]>([
  ['a cluster name with a dot', { clusters: [{ name: 'a.b', publicKey: alpha.publicKey }] }],
  ['a cluster name with a wildcard', { clusters: [{ name: '*', publicKey: alpha.publicKey }] }],
  ['a cluster name that ends the string', { clusters: [{ name: 'a" }', publicKey: alpha.publicKey }] }],
  [
    'two clusters of one name',
    {
      clusters: [
        { name: 'a', publicKey: alpha.publicKey },
        { name: 'a', publicKey: beta.publicKey },
      ],
    },
  ],
  ['a seed in the place of a key', { hubPublicKey: hub.seed }],
  ['a key that goes on', { hubPublicKey: `${hub.publicKey} }` }],
  ['a folder with a quote', { storeDir: '/tmp/"; include: "x' }],
])('%s is refused', (_what, changes) => {
  expect(() => natsServerConfig({ ...options, ...changes })).toThrow(
    expect.objectContaining({ code: 'invalid' }),
  );
});

test('a seed gives its public key again', () => {
  expect(nkeyOfSeed(hub.seed)).toEqual(hub);
});
