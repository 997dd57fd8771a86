import { byConditions, conditions, ready, stated, verdictOf } from '../forms/conditions.ts';
import { onceObserved, suspendedBy, unlessStale } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionOf, conditionsIn, conditionsOf, generationOf, oneLine, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { judgeAwsOfCrossplane, judgeCrossplane, judgeCrossplaneProvider } from './crossplane.ts';
import { judgeBinding } from './karmada.ts';
import { judgeConfigConnector } from './config-connector.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

/** Cluster API: its phase, but a Ready that is False is Degraded unless its severity is Info. */
const cluster: Rule = (object, nowMs) => {
  const bad = conditionsOf(object).find(
    ({ type, status, severity }) => type === 'Ready' && status === 'False' && severity !== 'Info',
  );
  return bad ? verdictOf(bad, 'Degraded') : clusterPhase(object, nowMs);
};

const clusterPhase = phases('status.phase', { Healthy: ['Provisioned'], Degraded: ['Failed'] });

const machineHealthCheck: Rule = (object) => {
  const fine = at(object, 'status', 'currentHealthy');
  if (typeof fine !== 'number') return progressing('no machine is checked yet');
  const expected = at(object, 'status', 'expectedMachines');
  return expected === fine
    ? healthy(`all ${fine} machines are healthy`)
    : degraded(`${fine} of ${typeof expected === 'number' ? expected : 'its'} machines are healthy`);
};

/** EKS: a failure it tells, an update, Ready, then conditions that are False with severity Error. */
const awsControlPlane: Rule = (object) => {
  const failure = textAt(object, 'status', 'failureMessage');
  if (failure !== '') return degraded(oneLine(failure));
  if (conditionOf(object, 'EKSControlPlaneUpdating')?.status === 'True')
    return progressing('the control plane is being updated');
  const isReady = conditionsOf(object).some(({ type, status }) => type === 'Ready' && status === 'True');
  if (isReady) return healthy('the control plane is ready');
  const bad = conditionsOf(object).find(({ status, severity }) => status === 'False' && severity === 'Error');
  return bad ? verdictOf(bad, 'Degraded') : progressing('the control plane is not ready yet');
};

/** Gardener tells the state of a Shoot in a label. */
const shoot: Rule = (object) => {
  const state = object.metadata.labels?.['shoot.gardener.cloud/status'] ?? '';
  if (state === 'healthy') return healthy('its components are healthy');
  if (state === 'unhealthy') return degraded('its components are not healthy');
  if (state === 'unknown') return { health: 'Unknown', reason: 'the state of its components is not known' };
  return progressing('its components are being updated');
};

const sapService: Rule = (object) => {
  const generation = generationOf(object);
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  for (const one of conditionsOf(object)) {
    const isOld = one.observedGeneration !== undefined && generation !== undefined;
    if (isOld && one.observedGeneration !== generation)
      return progressing('its controller has not seen the latest change yet');
    const isBad =
      (one.type === 'Succeeded' && one.status === 'False') ||
      (one.type === 'Failed' && one.status === 'True');
    if (isBad) return degraded(stated(one));
  }
  return healthy('the service can be used');
};

const nodeClaim = byConditions({
  passes: [
    [['Disrupting=True', 'Suspended']],
    [
      ['Ready=True', 'Healthy'],
      ['Ready=False', 'Degraded'],
    ],
  ],
});

/** Cloud resources and clusters: Crossplane, Config Connector, ACK, Cluster API, Karpenter, Gardener, Pulumi, SAP. */
export const cloudKinds: KindTable = {
  '*.cnrm.cloud.google.com/*': judgeConfigConnector,
  '*.crossplane.io/*': judgeCrossplane,
  '*.services.k8s.aws/*': conditions(
    ['ACK.Terminal=True', 'Degraded'],
    ['Ready=False', 'Progressing'],
    ['Ready=True', 'Healthy'],
  ),
  '*.upbound.io/*': judgeCrossplane,
  'addons.cluster.x-k8s.io/ClusterResourceSet': conditions(
    ['ResourcesApplied=True', 'Healthy'],
    ['ResourcesApplied=False', 'Degraded'],
  ),
  'cloudfront.aws.crossplane.io/Distribution': judgeAwsOfCrossplane,
  'cluster.x-k8s.io/Cluster': suspendedBy('spec.paused', cluster),
  'cluster.x-k8s.io/Machine': phases('status.phase', { Healthy: ['Running'], Degraded: ['Failed'] }),
  'cluster.x-k8s.io/MachineDeployment': suspendedBy(
    'spec.paused',
    phases('status.phase', { Healthy: ['Running'], Degraded: ['Failed'] }),
  ),
  'cluster.x-k8s.io/MachineHealthCheck': machineHealthCheck,
  'cluster.x-k8s.io/MachinePool': phases('status.phase', {
    Healthy: ['Running', 'Scaling'],
    Degraded: ['Failed', 'Unknown'],
  }),
  'controlplane.cluster.x-k8s.io/AWSManagedControlPlane': unlessStale(awsControlPlane),
  'core.gardener.cloud/Shoot': shoot,
  'iam.aws.crossplane.io/Policy': judgeAwsOfCrossplane,
  'iam.aws.crossplane.io/Role': judgeAwsOfCrossplane,
  'iam.aws.crossplane.io/RolePolicyAttachment': judgeAwsOfCrossplane,
  'iammanager.keikoproj.io/Iamrole': phases('status.state', {
    Healthy: ['Ready'],
    Degraded: ['Error', 'RolesMaxLimitReached', 'PolicyNotAllowed', 'RoleNameNotAvailable'],
    says: 'status.errorDescription',
  }),
  'karpenter.k8s.aws/EC2NodeClass': ready,
  'karpenter.sh/NodeClaim': unlessStale(nodeClaim),
  'karpenter.sh/NodePool': ready,
  'pkg.crossplane.io/Provider': judgeCrossplaneProvider,
  'pulumi.com/Stack': onceObserved(
    conditions(['Stalled=True', 'Degraded'], ['Reconciling=True', 'Progressing'], ['Ready=True', 'Healthy']),
  ),
  'rds.aws.crossplane.io/DBCluster': judgeAwsOfCrossplane,
  'rds.aws.crossplane.io/DBInstance': judgeAwsOfCrossplane,
  'route53.aws.crossplane.io/ResourceRecordSet': judgeAwsOfCrossplane,
  's3.aws.crossplane.io/Bucket': judgeAwsOfCrossplane,
  'services.cloud.sap.com/ServiceBinding': sapService,
  'services.cloud.sap.com/ServiceInstance': sapService,
  'stacks.crossplane.io/ClusterStackInstall': byConditions({
    passes: [[['Ready=True', 'Healthy']]],
    of: (object) => conditionsIn(object, 'status', 'conditionedStatus', 'conditions'),
  }),
  'work.karmada.io/ClusterResourceBinding': judgeBinding({ mustSelect: true }),
  'work.karmada.io/ResourceBinding': judgeBinding({ mustSelect: false }),
};
