import type { KubeObject } from '@meridian/manifests';
import { stated, verdictOf } from '../forms/conditions.ts';
import { at, conditionOf, conditionsOf, textAt } from '../read.ts';
import { healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Source: Argo CD's checks of `*.crossplane.io`, `*.upbound.io` and single kinds of `aws.crossplane.io`, written anew.

/** Kinds that never get conditions. */
const withoutConditions = new Set([
  'Composition',
  'CompositionRevision',
  'DeploymentRuntimeConfig',
  'EnvironmentConfig',
  'ImageConfig',
  'ProviderConfig',
  'ProviderConfigUsage',
  'ControllerConfig',
  'StoreConfig',
  'ClusterProviderConfig',
  'ClusterProviderConfigUsage',
]);

const fineTypes = new Set(['Ready', 'Healthy', 'Offered', 'Established', 'ValidPipeline', 'RevisionHealthy']);

/** Resources of Crossplane: Degraded when Synced or the last call to the cloud is False, Healthy when one of `fineTypes` is True. */
export function judgeCrossplane(object: KubeObject): Verdict {
  const found = conditionsOf(object);
  if (found.length === 0)
    return withoutConditions.has(object.kind)
      ? healthy(at(object, 'status', 'users') === undefined ? 'the object exists' : 'it is in use')
      : progressing('it is being provisioned');
  const bad = found.find(
    ({ type, status }) => (type === 'Synced' || type === 'LastAsyncOperation') && status === 'False',
  );
  if (bad) return verdictOf(bad, 'Degraded');
  const fine = found.find(
    ({ type, status, reason }) =>
      (fineTypes.has(type) && status === 'True') ||
      (type === 'Established' && reason === 'InactiveManagedResource' && !isActive(object)),
  );
  if (fine) return healthy(stated(fine));
  return progressing(found[0] ? `waits; ${stated(found[0])}` : 'it is being provisioned');
}

function isActive(object: KubeObject): boolean {
  return textAt(object, 'spec', 'state') === 'Active';
}

/** Provider: Installed and Healthy, both. */
export function judgeCrossplaneProvider(object: KubeObject): Verdict {
  const both = ['Installed', 'Healthy'].map((type) => conditionOf(object, type));
  const told = both.flatMap((one) => (one ? [one] : []));
  if (told.length === 0) return progressing('the provider is not installed yet');
  const bad = told.find(({ status }) => status !== 'True');
  if (bad) return verdictOf(bad, 'Degraded');
  const [first] = told;
  if (told.length < 2) return { health: 'Degraded', reason: first ? `only ${stated(first)}` : '' };
  return healthy('the provider is installed and healthy');
}

/** Kinds of the old AWS provider: Ready and Synced; a paused one is Suspended. */
export function judgeAwsOfCrossplane(object: KubeObject): Verdict {
  if (at(object, 'status', 'conditions') === undefined) return progressing('it is not created yet');
  const ready = conditionOf(object, 'Ready');
  const synced = conditionOf(object, 'Synced');
  if (!synced) return { health: 'Degraded', reason: 'it is not synced' };
  const isPaused = synced.reason === 'ReconcilePaused';
  if (synced.status !== 'True') return verdictOf(synced, isPaused ? 'Suspended' : 'Degraded');
  if (ready?.status === 'True') return healthy(stated(ready));
  if (isPaused) return verdictOf(synced, 'Degraded');
  return progressing(ready ? stated(ready) : 'it is not available yet');
}
