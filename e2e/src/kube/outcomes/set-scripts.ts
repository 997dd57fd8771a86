import { at, itemsAt } from '../body.ts';
import type { Body } from '../body.ts';
import { template, workload } from './samples.ts';
import { script, step } from './script.ts';
import type { Script } from './script.ts';
import type { Stage } from './stage.ts';

const sees = ['statefulsets', 'controllerrevisions', 'pods', 'persistentvolumeclaims', 'events'];

const create =
  (spec = {}) =>
  (stage: Stage) =>
    stage.create('statefulsets', 'StatefulSet', workload({ serviceName: 'web', ...spec }));
const change = (spec: object) => (stage: Stage) => stage.merge('statefulsets', 'web', { spec });

const isObserved = (web: unknown) => at(web, 'metadata.generation') === at(web, 'status.observedGeneration');

const untilCounts = (counts: Readonly<Record<string, number>>) => (stage: Stage) =>
  stage.until(
    'statefulsets',
    'web',
    (web) =>
      isObserved(web) &&
      Object.entries(counts).every(([name, count]) => (at(web, `status.${name}`) ?? 0) === count),
  );

const updated = (replicas: number) => async (stage: Stage) => {
  await untilCounts({
    replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    updatedReplicas: replicas,
  })(stage);
  await stage.until(
    'statefulsets',
    'web',
    (web) => at(web, 'status.currentRevision') === at(web, 'status.updateRevision'),
  );
};

const claim = (name: string): Body => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'absent',
    resources: { requests: { storage: '1Gi' } },
  },
});

const stateful: readonly Script[] = [
  script(
    'a stateful set grows in order, is updated, and shrinks',
    sees,
    step(create(), updated(3)),
    step(change({ template: template('web:2') }), updated(3)),
    step(change({ replicas: 1 }), untilCounts({ replicas: 1, readyReplicas: 1 })),
    step(change({ replicas: 2 }), updated(2)),
  ),
  script(
    'a partition keeps old pods',
    sees,
    step(create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }), updated(3)),
    step(
      change({ template: template('web:2') }),
      untilCounts({ updatedReplicas: 1, readyReplicas: 3, currentReplicas: 2 }),
    ),
    step(change({ updateStrategy: { rollingUpdate: { partition: 0 } } }), updated(3)),
  ),
  script(
    'pods are updated when they are deleted',
    sees,
    step(create({ replicas: 2, updateStrategy: { type: 'OnDelete' } }), updated(2)),
    step(change({ template: template('web:2') }), untilCounts({ readyReplicas: 2 })),
    step((stage) => stage.remove('pods', 'web-1'), untilCounts({ updatedReplicas: 1, readyReplicas: 2 })),
  ),
  script(
    'a stateful set does all at once when told',
    sees,
    step(create({ podManagementPolicy: 'Parallel', ordinals: { start: 5 } }), updated(3)),
    step(change({ replicas: 1 }), untilCounts({ replicas: 1, readyReplicas: 1 })),
  ),
  script(
    'a bad image stops a stateful set at its first pod',
    sees,
    step(create({ template: template('missing:1') }), (stage) =>
      stage.untilAll('pods', (pods) => pods.some((pod) => at(pod, 'status.containerStatuses') !== undefined)),
    ),
  ),
  script(
    'a bad update stops at the last pod',
    sees,
    step(create({ replicas: 2 }), updated(2)),
    step(change({ template: template('missing:2') }), untilCounts({ updatedReplicas: 1, readyReplicas: 1 })),
    step(change({ template: template('web:1') }), (stage) => stage.until('statefulsets', 'web', isObserved)),
  ),
  script(
    'pods of a stateful set wait for claims that nobody fills',
    ['statefulsets', 'pods', 'persistentvolumeclaims'],
    step(create({ replicas: 2, volumeClaimTemplates: [claim('data')] }), (stage) =>
      stage.untilAll('persistentvolumeclaims', (claims) => claims.length === 1),
    ),
  ),
];

const policy = (whenScaled: string, whenDeleted: string) => ({
  persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted },
});
const withClaims = (spec: Body) =>
  create({ podManagementPolicy: 'Parallel', volumeClaimTemplates: [claim('data')], ...spec });
const claims = (count: number) => (stage: Stage) =>
  stage.untilAll('persistentvolumeclaims', (all) => all.length === count);
const claimOwners = (count: number) => (stage: Stage) =>
  stage.untilAll('persistentvolumeclaims', (all) =>
    all.every((one) => itemsAt(one, 'metadata.ownerReferences').length === count),
  );

// The claims have no volumes: what becomes of them does not depend on their pods.
const retention: readonly Script[] = [
  script(
    'claims go with pods that are scaled away',
    sees,
    step(withClaims(policy('Delete', 'Retain')), claims(3)),
    step(change({ replicas: 1 }), claims(1)),
    step(change({ replicas: 2 }), claims(2)),
    step(
      (stage) => stage.remove('statefulsets', 'web'),
      (stage) => stage.untilAll('pods', (pods) => pods.length === 0),
    ),
  ),
  script(
    'claims go with their set',
    sees,
    step(withClaims(policy('Retain', 'Delete')), claims(3)),
    step(change({ replicas: 1 }), untilCounts({ replicas: 1 })),
    step((stage) => stage.remove('statefulsets', 'web'), claims(0)),
  ),
  script(
    'claims go with pods and with their set',
    sees,
    step(withClaims(policy('Delete', 'Delete')), claims(3)),
    step(change({ replicas: 1 }), claims(1)),
    step((stage) => stage.remove('statefulsets', 'web'), claims(0)),
  ),
  script(
    'who claims belong to follows the policy',
    sees,
    step(withClaims({ replicas: 2 }), claims(2)),
    step(change(policy('Retain', 'Delete')), claimOwners(1)),
    step(change(policy('Delete', 'Retain')), claimOwners(0)),
  ),
  script(
    'a claim that somebody else controls is left to them',
    sees,
    step(async (stage) => {
      const owner = await stage.create('configmaps', 'ConfigMap', { metadata: { name: 'owner' } });
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', controller: true };
      const given = claim('data-web-0');
      const ownerReferences = [{ ...reference, uid: at(owner, 'metadata.uid') }];
      await stage.create('persistentvolumeclaims', 'PersistentVolumeClaim', {
        ...given,
        metadata: { name: 'data-web-0', ownerReferences },
      });
    }),
    step(withClaims({ replicas: 1, ...policy('Retain', 'Delete') }), (stage) =>
      stage.untilAll('events', (all) => all.some((one) => one['reason'] === 'ConflictingController')),
    ),
  ),
];

const daemonSees = ['daemonsets', 'controllerrevisions', 'pods', 'events'];
const ready = (count: number) => (stage: Stage) =>
  stage.until(
    'daemonsets',
    'web',
    (web) =>
      isObserved(web) &&
      ['numberReady', 'desiredNumberScheduled', 'updatedNumberScheduled', 'numberAvailable'].every(
        (name) => (at(web, `status.${name}`) ?? 0) === count,
      ),
  );
const createDaemon =
  (spec = {}) =>
  (stage: Stage) => {
    const { replicas: _, ...rest } = workload(spec)['spec'] as Body;
    return stage.create('daemonsets', 'DaemonSet', { metadata: { name: 'web' }, spec: rest });
  };
const changeDaemon = (spec: object) => (stage: Stage) => stage.merge('daemonsets', 'web', { spec });

const daemons: readonly Script[] = [
  script(
    'a daemon set has a pod on each node, is updated, and goes back',
    daemonSees,
    step(createDaemon(), ready(2)),
    step(changeDaemon({ template: template('web:2') }), ready(2)),
    step(changeDaemon({ template: template('web:1') }), ready(2)),
  ),
  script(
    'a daemon set for no node has no pod',
    daemonSees,
    step(
      createDaemon({ template: template('web:1', { spec: { nodeSelector: { disk: 'fast' } } }) }),
      ready(0),
    ),
    step(changeDaemon({ template: { spec: { nodeSelector: null } } }), ready(2)),
  ),
  script(
    'daemon pods are updated when they are deleted',
    daemonSees,
    step(createDaemon({ updateStrategy: { type: 'OnDelete' } }), ready(2)),
    step(changeDaemon({ template: template('web:2') }), (stage) =>
      stage.until('daemonsets', 'web', isObserved),
    ),
  ),
  script(
    'a bad daemon update is held by what may be unavailable',
    daemonSees,
    step(createDaemon(), ready(2)),
    step(changeDaemon({ template: template('missing:2') }), (stage) =>
      stage.until(
        'daemonsets',
        'web',
        (web) => isObserved(web) && at(web, 'status.updatedNumberScheduled') === 1,
      ),
    ),
  ),
];

const controllers: readonly Script[] = [
  script(
    'a replication controller keeps its pods',
    ['replicationcontrollers', 'pods', 'events'],
    step(
      (stage) =>
        stage.create('replicationcontrollers', 'ReplicationController', {
          metadata: { name: 'web' },
          spec: { replicas: 2, selector: { app: 'web' }, template: template() },
        }),
      (stage) =>
        stage.until('replicationcontrollers', 'web', (web) => at(web, 'status.availableReplicas') === 2),
    ),
    step(
      (stage) => stage.merge('replicationcontrollers', 'web', { spec: { replicas: 1 } }),
      (stage) => stage.until('replicationcontrollers', 'web', (web) => at(web, 'status.replicas') === 1),
    ),
  ),
];

/** What stateful sets, daemon sets and replication controllers come to. */
export const setScripts: readonly Script[] = [...stateful, ...retention, ...daemons, ...controllers];
