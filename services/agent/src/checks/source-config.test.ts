import { describe, expect, it } from 'vitest';
import { metricSourcesSchema } from './source-config.ts';

const read = (value: unknown) => metricSourcesSchema.safeParse(JSON.stringify(value));
const source = { name: 'prometheus', url: 'http://prometheus.monitoring:9090' };

describe('the metrics sources of an agent', () => {
  it('are none unless there are some', () => {
    expect(metricSourcesSchema.parse(undefined)).toEqual([]);
    expect(metricSourcesSchema.parse('')).toEqual([]);
  });

  it('have a name, an address and files', () => {
    const secured = {
      name: 'mimir',
      url: 'https://mimir.example/prometheus',
      tokenFile: '/etc/token',
      caFile: '/etc/ca.crt',
    };
    expect(read([source, secured]).data).toEqual([source, secured]);
  });

  it.each<[string, unknown, string]>([
    ['text', 'prometheus', 'expected array'],
    ['a name twice', [source, source], 'once'],
    ['a field that is unknown', [{ ...source, token: 'x' }], 'token'],
    ['a name that is no label', [{ ...source, name: 'My Source' }], 'DNS label'],
    ['no address', [{ ...source, url: 'prometheus' }], 'http or https URL'],
    ['a file for an address', [{ ...source, url: 'file:///etc/passwd' }], 'http or https URL'],
    ['a password in the address', [{ ...source, url: 'https://me:hunter2@x' }], 'no credentials'],
    ['a question in the address', [{ ...source, url: 'https://x/?a=b' }], 'neither ? nor #'],
    ['a token in the clear', [{ ...source, tokenFile: '/etc/token' }], 'must be https'],
  ])('are refused with %s', (_what, value, text) => {
    const { success, error } = read(value);
    expect(success).toBe(false);
    expect(error?.message).toContain(text);
    expect(error?.message).not.toContain('hunter2');
  });

  it('say so when they are no JSON, without showing them', () => {
    const { error } = metricSourcesSchema.safeParse('{hunter2');
    expect(error?.message).toContain('must be JSON');
    expect(error?.message).not.toContain('hunter2');
  });

  it('may have a token without TLS on the machine itself', () => {
    const near = { name: 'near', url: 'http://127.0.0.1:9090', tokenFile: '/etc/token' };
    expect(read([near]).data).toEqual([near]);
  });
});
