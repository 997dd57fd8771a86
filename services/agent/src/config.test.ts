import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';

const least = {
  MERIDIAN_CLUSTER: 'us-east-1',
  MERIDIAN_NATS_URL: 'nats://nats:4222',
  MERIDIAN_NATS_SEED_FILE: '/s/seed',
  MERIDIAN_LINK_URLS: 'hub-0:8443, hub-1:8443',
  MERIDIAN_LINK_CA_FILE: '/s/ca.pem',
  MERIDIAN_LINK_CERT_FILE: '/s/tls.crt',
  MERIDIAN_LINK_KEY_FILE: '/s/tls.key',
  MERIDIAN_TRUSTED_KEYS_FILE: '/s/trusted.pem',
};

describe('the configuration', () => {
  it('fills in defaults and splits the hub addresses', () => {
    expect(loadConfig(least)).toMatchObject({
      MERIDIAN_SHARD: 'main',
      MERIDIAN_LINK_URLS: ['hub-0:8443', 'hub-1:8443'],
      MERIDIAN_STATE_NAMESPACE: 'meridian-system',
      MERIDIAN_DATA_DIR: '/var/lib/meridian',
      MERIDIAN_LOG_LEVEL: 'info',
    });
  });

  it('takes a list of service accounts, and none for none', () => {
    const allowed = (text: string) =>
      loadConfig({ ...least, MERIDIAN_ALLOWED_SERVICE_ACCOUNTS: text }).MERIDIAN_ALLOWED_SERVICE_ACCOUNTS;
    expect(loadConfig(least).MERIDIAN_ALLOWED_SERVICE_ACCOUNTS).toEqual([]);
    expect(allowed('deployer, team-*/deployer,')).toEqual(['deployer', 'team-*/deployer']);
    expect(() => allowed('deployer,a/b/c')).toThrow(/MERIDIAN_ALLOWED_SERVICE_ACCOUNTS\.1: must be NAME or/);
  });

  it('names every mistake at once', () => {
    const load = () =>
      loadConfig({ ...least, MERIDIAN_CLUSTER: 'US_East', MERIDIAN_LINK_URLS: 'hub', MERIDIAN_NATS_URL: '' });
    expect(load).toThrow(
      /MERIDIAN_CLUSTER: must be a DNS label[\s\S]*MERIDIAN_NATS_URL[\s\S]*MERIDIAN_LINK_URLS/,
    );
  });
});
