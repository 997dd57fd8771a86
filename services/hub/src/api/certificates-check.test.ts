import type { ClusterView } from '@meridian/fleet';
import { expect, it } from 'vitest';
import { checkCertificates } from './certificates-check.ts';

const dayMs = 86_400_000;
const clusterOf = (name: string, endsAtMs?: number) =>
  ({
    name,
    status: endsAtMs === undefined ? {} : { certificate: { startsAtMs: endsAtMs - 30 * dayMs, endsAtMs } },
  }) as unknown as ClusterView;

it('names the certificate that ends first while all are renewed in time', () => {
  const clusters = [clusterOf('b', 30 * dayMs), clusterOf('a', 20 * dayMs), clusterOf('old')];
  expect(checkCertificates(clusters, 10 * dayMs)).toEqual({
    name: 'certificates',
    ok: true,
    message: 'all are renewed in time; that of a ends at 1970-01-21T00:00:00.000Z',
  });
  expect(checkCertificates([clusterOf('old')], 0)).toMatchObject({ ok: true });
});

it('fails with every cluster whose certificate ends soon or ended, five by name, and says what to do', () => {
  const clusters = [
    clusterOf('late', 16 * dayMs),
    clusterOf('gone', 9 * dayMs),
    clusterOf('well', 40 * dayMs),
  ];
  expect(checkCertificates(clusters, 12 * dayMs)).toMatchObject({
    ok: false,
    message:
      'not renewed: that of gone ended at 1970-01-10T00:00:00.000Z, that of late ends at 1970-01-17T00:00:00.000Z',
    fix: expect.stringContaining('docs/identity.md'),
  });
  const many = Array.from({ length: 7 }, (_, at) => clusterOf(`c${at}`, dayMs));
  expect(checkCertificates(many, 2 * dayMs).message).toMatch(/ and 2 more$/);
});
