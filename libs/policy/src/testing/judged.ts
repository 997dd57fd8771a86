import type { Application, Cluster } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import type { JudgedBundle } from '../judge.ts';

const application: Application = {
  name: 'serving',
  labels: { project: 'ml' },
  path: 'applications/serving',
  overlays: ['.'],
  placement: {},
  namespace: 'ml',
  rolloutStrategy: 'all',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget: '50%' },
};

const cluster: Cluster = { name: 'eu-west-1', labels: { tier: 'prod', region: 'eu' } };

/** Objects as the application `serving` has them in the cluster `eu-west-1`, the first of them from line 1 and so on. */
export function judged(objects: readonly KubeObject[]): JudgedBundle {
  return {
    application,
    cluster,
    objects,
    originOf: (object) => ({ file: 'applications/serving/web.yaml', line: objects.indexOf(object) + 1 }),
  };
}
