import { expect, test } from 'vitest';
import { loadHubConfig } from './config.ts';

const least = {
  MERIDIAN_HUB_ID: 'hub-1',
  MERIDIAN_REPO_URL: '/srv/fleet.git',
  MERIDIAN_DATA_DIR: '/data',
  MERIDIAN_NATS_URL: 'nats://127.0.0.1:4222',
  MERIDIAN_NATS_SEED_FILE: '/s/seed',
  MERIDIAN_REDIS_URL: 'redis://127.0.0.1:6379',
  MERIDIAN_SIGNING_KEY_FILE: '/s/key.pem',
  MERIDIAN_API_TOKENS_FILE: '/s/tokens',
  MERIDIAN_LINK_CA_FILE: '/s/ca',
  MERIDIAN_LINK_CERT_FILE: '/s/crt',
  MERIDIAN_LINK_KEY_FILE: '/s/key',
};

test('the defaults are total', () => {
  expect(loadHubConfig(least)).toMatchObject({
    shard: 'main',
    repo: { branch: 'main', pollMs: 3_000, fleetPath: 'fleet' },
    api: { address: '127.0.0.1:8080', webhookSecretFile: undefined },
    metricsAddress: '127.0.0.1:9090',
    logLevel: 'info',
  });
});

test('all mistakes are told at once, by the names of the variables', () => {
  const wrong = {
    ...least,
    MERIDIAN_REPO_POLL_MS: '5',
    MERIDIAN_FLEET_PATH: '../up',
    MERIDIAN_REDIS_URL: 'localhost',
    MERIDIAN_HUB_ID: '',
  };
  expect(() => loadHubConfig(wrong)).toThrow(
    /MERIDIAN_HUB_ID[\s\S]*MERIDIAN_REPO_POLL_MS[\s\S]*MERIDIAN_FLEET_PATH[\s\S]*MERIDIAN_REDIS_URL/,
  );
});

test('an origin of gates is one that can be, and is compared as a URL has it', () => {
  const origins = (text: string) => loadHubConfig({ ...least, MERIDIAN_GATE_ORIGINS: text }).gates.origins;
  expect(origins('https://Gates.example.com:443,http://127.0.0.1:9000')).toEqual([
    'https://gates.example.com',
    'http://127.0.0.1:9000',
  ]);
  for (const wrong of ['https://gates.example.com:99999', 'https://[', 'https://a.example/path', 'gates'])
    expect(() => origins(wrong)).toThrow(/MERIDIAN_GATE_ORIGINS/);
});
