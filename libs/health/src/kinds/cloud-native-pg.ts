import type { Health } from '@meridian/fleet';
import { phases } from '../forms/phases.ts';
import { verdictOf } from '../forms/conditions.ts';
import { at, conditionOf, generationOf, oneLine, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

// Source: the health checks of Argo CD for CloudNativePG, written anew; the phases are sentences (its api/v1).

const clusterPhases: ReadonlyMap<string, Health> = new Map<string, Health>([
  ['Cluster in healthy state', 'Healthy'],
  ['Setting up primary', 'Progressing'],
  ['Creating a new replica', 'Progressing'],
  ['Upgrading cluster', 'Progressing'],
  ['Waiting for the instances to become active', 'Progressing'],
  ['Promoting to primary cluster', 'Progressing'],
  ['Switchover in progress', 'Degraded'],
  ['Failing over', 'Degraded'],
  ['Upgrading Postgres major version', 'Degraded'],
  ['Cluster upgrade delayed', 'Degraded'],
  ['Waiting for user action', 'Degraded'],
  ['Primary instance is being restarted in-place', 'Degraded'],
  ['Primary instance is being restarted without a switchover', 'Degraded'],
  ['Cluster cannot execute instance online upgrade due to missing architecture binary', 'Degraded'],
  ['Online upgrade in progress', 'Degraded'],
  ['Applying configuration', 'Degraded'],
  ['Unable to create required cluster objects', 'Suspended'],
  ['Cluster cannot proceed to reconciliation due to an unknown plugin being required', 'Suspended'],
  ['Cluster has incomplete or invalid image catalog', 'Suspended'],
  ['Cluster is unrecoverable and needs manual intervention', 'Suspended'],
]);

const cluster: Rule = (object) => {
  if (object.metadata.annotations?.['cnpg.io/reconciliationLoop'] === 'disabled')
    return suspended('an annotation disables its controller');
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  const hibernation = conditionOf(object, 'cnpg.io/hibernation');
  if (hibernation) return verdictOf(hibernation, hibernation.status === 'True' ? 'Suspended' : 'Degraded');
  const phase = textAt(object, 'status', 'phase');
  const why = oneLine(textAt(object, 'status', 'phaseReason'));
  return {
    health: clusterPhases.get(phase) ?? 'Unknown',
    reason: `phase is "${phase}"${why ? `: ${why}` : ''}`,
  };
};

const database: Rule = (object) => {
  const message = oneLine(textAt(object, 'status', 'message'));
  const generation = generationOf(object);
  const isSeen = generation === undefined || at(object, 'status', 'observedGeneration') === generation;
  const applied = isSeen ? at(object, 'status', 'applied') : undefined;
  if (applied === true) return healthy(message || 'the database is applied');
  return applied === false
    ? degraded(message || 'the database cannot be applied')
    : progressing(message || 'the database is not applied yet');
};

/** CloudNativePG. */
export const cloudNativePgKinds: KindTable = {
  'postgresql.cnpg.io/Backup': phases('status.phase', {
    Healthy: ['completed'],
    Degraded: ['failed', 'walArchivingFailing', 'invalid backup definition'],
    says: 'status.error',
  }),
  'postgresql.cnpg.io/Cluster': cluster,
  'postgresql.cnpg.io/Database': database,
};
