import type { Json, KubeObject } from '@meridian/manifests';
import { certificateAuthority } from '@meridian/testkit';
import { describe, expect, it } from 'vitest';
import { withoutBadCaBundle } from './ca-bundle.ts';

const { certificatePem } = certificateAuthority('test');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const definition = (clientConfig: Json): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'models.example.org' },
  spec: { group: 'example.org', conversion: { strategy: 'Webhook', webhook: { clientConfig } } },
});
const service = { name: 'convert', namespace: 'default' };

describe('the CA bundle of a definition', () => {
  it.each([
    ['one certificate', base64(certificatePem)],
    ['two certificates with lines between', base64(`# one\n${certificatePem}\n# two\n${certificatePem}`)],
    ['base64 that is cut into lines', base64(certificatePem).replace(/(.{64})/g, '$1\n')],
  ])('stays when it is %s', (_what, caBundle) => {
    const given = definition({ service, caBundle });
    expect(withoutBadCaBundle(given)).toBe(given);
  });

  it.each([
    ['the placeholder of charts', 'Cg=='],
    ['empty', ''],
    ['a word', base64('not a certificate')],
    ['not base64', '-----BEGIN CERTIFICATE-----'],
    [
      'one certificate and one that cannot be read',
      base64(`${certificatePem}\n${certificatePem.replace(/MII/, 'AAA')}`),
    ],
    ['a number', 7],
    ['nothing', null],
  ])('goes when it is %s, and nothing else does', (_what, caBundle) => {
    expect(withoutBadCaBundle(definition({ service, caBundle }))).toEqual(definition({ service }));
  });

  it.each([definition({ service }), definition(null), definition('text'), { ...definition({}), spec: null }])(
    'that is not there changes nothing: %j',
    (given) => {
      expect(withoutBadCaBundle(given)).toBe(given);
    },
  );
});
