import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNkey, natsServerConfig } from '@meridian/ledger';
import { certificateAuthority, freePort, startNats, startRedis, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const stack = new AsyncDisposableStack();
let env: { [name: string]: string };
let metricsUrl = '';

beforeAll(async () => {
  const dir = stack.use(await tempDir('hub-main'));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir.path, name), text);
    return join(dir.path, name);
  };
  const key = createNkey();
  const port = await freePort();
  const storeDir = join(dir.path, 'store');
  mkdirSync(storeDir);
  const config = natsServerConfig({ hubPublicKey: key.publicKey, clusters: [], port, storeDir });
  const nats = stack.use(await startNats({ dir: dir.path, config, port }));
  const redis = stack.use(await startRedis({ dir: dir.path }));
  const authority = certificateAuthority('test');
  const issued = authority.issue({
    commonName: 'hub-1',
    uris: ['spiffe://meridian/hub/hub-1'],
    usages: ['server'],
  });
  const signing = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const metrics = `127.0.0.1:${await freePort()}`;
  metricsUrl = `http://${metrics}`;
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir.path,
    MERIDIAN_HUB_ID: 'hub-1',
    MERIDIAN_REPO_URL: join(dir.path, 'no-such-repo'),
    MERIDIAN_DATA_DIR: dir.path,
    MERIDIAN_NATS_URL: nats.url,
    MERIDIAN_NATS_SEED_FILE: file('seed', key.seed),
    MERIDIAN_REDIS_URL: redis.url,
    MERIDIAN_SIGNING_KEY_FILE: file('signing.pem', signing),
    MERIDIAN_API_ADDRESS: `127.0.0.1:${await freePort()}`,
    MERIDIAN_API_TOKENS_FILE: file('tokens', `cli ${'0'.repeat(64)}\n`),
    MERIDIAN_LINK_ADDRESS: `127.0.0.1:${await freePort()}`,
    MERIDIAN_LINK_CA_FILE: file('ca.pem', authority.certificatePem),
    MERIDIAN_LINK_CERT_FILE: file('hub.pem', issued.certificatePem),
    MERIDIAN_LINK_KEY_FILE: file('hub.key', issued.keyPem),
    MERIDIAN_METRICS_ADDRESS: metrics,
  };
});
afterAll(() => stack.disposeAsync());

function hub(more: { readonly [name: string]: string } = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env: { ...env, ...more } });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { child, said: () => said, ended };
}

test('the hub becomes ready without a readable repo, leads, and ends with 0 when it is told to', async () => {
  const { child, ended, said } = hub();
  await vi.waitFor(async () => expect((await fetch(`${metricsUrl}/readyz`)).status).toBe(200), {
    timeout: 20_000,
    interval: 100,
  });
  await vi.waitFor(
    async () =>
      expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain('meridian_hub_leader 1'),
    {
      timeout: 10_000,
      interval: 100,
    },
  );
  await vi.waitFor(() => expect(said()).toContain('the fleet repo cannot be read'), { timeout: 10_000 });
  // Also for one that is killed, the program is compiled for its next start.
  const kept = readdirSync(join(env['MERIDIAN_DATA_DIR'] ?? '', 'compile-cache'), {
    recursive: true,
    withFileTypes: true,
  });
  expect(kept.filter((entry) => entry.isFile()).length).toBeGreaterThan(100);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(said()).not.toContain(' part did not stop');
  expect(said()).not.toContain('MaxListenersExceeded');
});

test.each([
  { what: 'no git', more: { PATH: '/nowhere' }, message: 'install git' },
  { what: 'a hostile repository URL', more: { MERIDIAN_REPO_URL: 'ext::sh -c id' }, message: 'refused' },
  {
    what: 'a missing signing key',
    more: { MERIDIAN_SIGNING_KEY_FILE: '/nowhere/key.pem' },
    message: '/nowhere/key.pem',
  },
  { what: 'a setting out of bounds', more: { MERIDIAN_REPO_POLL_MS: '1' }, message: 'MERIDIAN_REPO_POLL_MS' },
])('with $what it says so and ends with 1', async ({ more, message }) => {
  const { ended, said } = hub(more);
  expect(await ended).toBe(1);
  expect(said()).toContain(message);
});

test('with a port that is taken it says so and ends with 1', async () => {
  const taken = stack.use(await startRedis({ dir: env['MERIDIAN_DATA_DIR'] ?? '' }));
  const { ended, said } = hub({ MERIDIAN_API_ADDRESS: `127.0.0.1:${taken.port}` });
  expect(await ended).toBe(1);
  expect(said()).toMatch(/EADDRINUSE|in use|taken/);
});
