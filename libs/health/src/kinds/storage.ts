import { byConditions, ready, stated } from '../forms/conditions.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionsOf, oneLine, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

const astraRun = phases('status.state', {
  Healthy: ['Completed'],
  Progressing: ['Running'],
  otherwise: 'Degraded',
});

const astraHook: Rule = (object) => {
  const enabled = at(object, 'spec', 'enabled');
  if (enabled === true) return healthy('the hook is enabled');
  return enabled === false
    ? suspended('the hook is disabled')
    : progressing('it is not told whether the hook is enabled');
};

const dataVolume: Rule = (object, nowMs) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Paused') return dataVolumePhase(object, nowMs);
  const bad = conditionsOf(object).find(
    ({ type, status, reason }) => type === 'Running' && status === 'False' && reason === 'Error',
  );
  return bad ? degraded(stated(bad)) : dataVolumePhase(object, nowMs);
};

const dataVolumePhase = phases('status.phase', {
  Healthy: ['Succeeded'],
  Degraded: ['Failed', 'Unknown'],
  Suspended: ['Paused'],
});

/** Ceph: its own health first, and what Rook does with it when that is well. */
const ceph: Rule = (object) => {
  const health = textAt(object, 'status', 'ceph', 'health');
  const state = textAt(object, 'status', 'state');
  if (health === 'HEALTH_ERR' || health === 'HEALTH_WARN') return degraded(`Ceph says ${health}`);
  if (health !== 'HEALTH_OK') return progressing('Ceph has not told its health yet');
  if (state === 'Error') return degraded(oneLine(textAt(object, 'status', 'message')) || 'state is Error');
  const isDone = state === '' || state === 'Created' || state === 'Connected';
  return isDone ? healthy('Ceph says HEALTH_OK') : progressing(`state is ${state}`);
};

const snapshot: Rule = (object) => {
  if (at(object, 'status', 'readyToUse') === true) return healthy('it can be used');
  return at(object, 'status', 'error') === undefined
    ? progressing('it cannot be used yet')
    : degraded(oneLine(textAt(object, 'status', 'error', 'message')) || 'it failed');
};

/** KubeVirt: a machine that is declared as stopped is as it should be. */
const virtualMachine: Rule = (object) => {
  const isCreated = at(object, 'status', 'created') === true;
  const isHalted =
    at(object, 'spec', 'running') === false || textAt(object, 'spec', 'runStrategy') === 'Halted';
  if (isHalted && !isCreated) return healthy('it is stopped, as declared');
  const found = conditionsOf(object);
  if (found.some(({ type, status }) => type === 'Paused' && status === 'True'))
    return suspended('it is paused');
  const said = found.findLast(({ type }) => type === 'Ready');
  if (!said)
    return progressing(textAt(object, 'status', 'printableStatus') || 'its controller has told nothing yet');
  if (said.status === 'True') return healthy('it runs');
  return isCreated ? progressing('it is starting') : suspended('it is stopped');
};

const stillPhases = phases('status.phase', {
  Degraded: ['Failed'],
  Suspended: ['Succeeded'],
  Unknown: ['Unknown'],
});
const settledPhases = new Set(['Failed', 'Pending', 'Scheduling', 'Scheduled', 'Succeeded', 'Unknown']);

const virtualMachineInstance: Rule = (object, nowMs) => {
  if (settledPhases.has(textAt(object, 'status', 'phase'))) return stillPhases(object, nowMs);
  const found = conditionsOf(object);
  const paused = found.find(({ type, status }) => type === 'Paused' && status === 'True');
  if (paused) return suspended(stated(paused));
  const said = found.findLast(({ type }) => type === 'Ready');
  if (!said) return progressing('it is not ready yet');
  return said.status === 'True' ? healthy('it runs') : degraded(stated(said));
};

const backend: Rule = (object) => {
  const operation = textAt(object, 'status', 'lastOperationStatus');
  const message = oneLine(textAt(object, 'status', 'message'));
  if (textAt(object, 'status', 'phase') === 'Bound' && operation === 'Success')
    return healthy(message || 'the backend is bound');
  return operation === 'Failed'
    ? degraded(message || 'the last operation failed')
    : progressing(message || 'the backend is not bound yet');
};

/** MinIO says in sentences what it does; these are the ones that somebody must mend. */
const minioTrouble = [
  'Statefulset not controlled by operator',
  'Another MinIO Tenant already exists in the namespace',
  'Tenant credentials are not set properly',
  'Different versions across MinIO Pools',
  'Pool Decommissioning Not Allowed',
];

/** Volumes, snapshots, object stores and virtual machines. */
export const storageKinds: KindTable = {
  'astra.netapp.io/AppVault': phases('status.state', {
    Healthy: ['available', 'Available'],
    Degraded: ['failed', 'Failed'],
  }),
  'astra.netapp.io/Application': ready,
  'astra.netapp.io/Backup': astraRun,
  'astra.netapp.io/ExecHook': astraHook,
  'astra.netapp.io/ExecHooksRun': astraRun,
  'astra.netapp.io/ResourceBackup': astraRun,
  'astra.netapp.io/ResticVolumeBackup': astraRun,
  'astra.netapp.io/Schedule': () => healthy('the schedule is accepted'),
  'astra.netapp.io/Snapshot': astraRun,
  'cdi.kubevirt.io/DataVolume': dataVolume,
  'ceph.rook.io/CephCluster': ceph,
  'ceph.rook.io/CephObjectStore': phases('status.phase', { Healthy: ['Ready'], Degraded: ['Failure'] }),
  'kubevirt.io/VirtualMachine': virtualMachine,
  'kubevirt.io/VirtualMachineInstance': virtualMachineInstance,
  'minio.min.io/Tenant': phases('status.currentState', { Healthy: ['Initialized'], Degraded: minioTrouble }),
  'objectbucket.io/ObjectBucketClaim': phases('status.phase', { Healthy: ['Bound'], Degraded: ['Failed'] }),
  'ocs.openshift.io/StorageCluster': byConditions({
    passes: [
      [['Degraded=True', 'Degraded']],
      [['Progressing=True', 'Progressing']],
      [['Available=True', 'Healthy']],
    ],
    otherwise: 'Unknown',
  }),
  'snapshot.storage.k8s.io/VolumeSnapshot': snapshot,
  'snapshot.storage.k8s.io/VolumeSnapshotContent': snapshot,
  'trident.netapp.io/TridentBackendConfig': backend,
  'trident.netapp.io/TridentOrchestrator': phases('status.status', {
    Healthy: ['Installed'],
    Degraded: ['Failed', 'Error'],
    says: 'status.message',
  }),
};
