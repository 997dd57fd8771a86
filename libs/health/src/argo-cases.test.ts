import { parseLiveObjects } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { judge } from './index.ts';
import { upstreamCases } from './testing/upstream-cases.ts';

interface Case {
  readonly file: string;
  readonly manifest: string;
  /** null: Argo CD has no check for the kind. */
  readonly expectedStatus: string | null;
}

/**
 * Where we judge otherwise than Argo CD, on purpose: the words of Argo CD and ours. The reasons are in docs/health.md, under
 * "Differences to Argo CD"; a case that is not on this list is a fault.
 */
const differences: readonly string[] = [
  // An old status says nothing of the present spec.
  'k8s.keycloak.org/Keycloak/degraded Degraded Progressing',
  'rabbitmq.com/Exchange/degraded Degraded Progressing',
  'rabbitmq.com/Exchange/healthy Healthy Progressing',
  // Argo CD, too, waits for a deletion; these of its cases run the rule of the kind alone.
  'astra.netapp.io/ResticVolumeBackup/degraded Degraded Progressing',
  'kafka.strimzi.io/KafkaBridge/healthy Healthy Progressing',
  'kafka.strimzi.io/KafkaConnect/degraded Degraded Progressing',
  'kafka.strimzi.io/KafkaConnect/healthy Healthy Progressing',
  'kafka.strimzi.io/KafkaConnector/healthy Healthy Progressing',
  'kubevirt.io/VirtualMachineInstance/suspended_succeeded Suspended Progressing',
  // An address comes from a controller that need not be there.
  'health/svc-loadbalancer-unassigned Progressing Healthy',
  'health/ingress-unassigned Progressing Healthy',
  // Metrics that are missing for a while do not break what is scaled.
  'health/hpa-v1-degraded-failedgetobjectmetric Degraded Healthy',
  // A cron job that is suspended is suspended, and a run that failed is not the fault of this release.
  'batch/CronJob/suspended Healthy Suspended',
  'batch/CronJob/degraded Degraded Healthy',
  // No node fits, so nothing is left to be done; a count of zero is not written.
  'apps.kruise.io/DaemonSet/no-update-strategy-partition Progressing Healthy',
];

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const cases = upstreamCases<Case>('argocd-health.json');

function differenceOf({ file, manifest, expectedStatus }: Case): string | undefined {
  const read = parseLiveObjects(manifest, file);
  const located = 'errors' in read ? undefined : read.objects[0];
  const health = located ? judge(located.object, nowMs).health : 'refused';
  if (expectedStatus === null || health === expectedStatus) return undefined;
  const name = file
    .replace(/^.*(?:resource_customizations|gitops-engine\/pkg)\//, '')
    .replace('testdata/', '');
  return `${name.replace('.yaml', '')} ${expectedStatus} ${health}`;
}

describe.skipIf(cases === undefined)('health by Argo CD’s cases', () => {
  it('gives the same verdict for all but the ones that differ on purpose', () => {
    const found = (cases ?? []).flatMap((one) => differenceOf(one) ?? []);
    expect(found.toSorted()).toEqual(differences.toSorted());
  });

  it('differs in fewer than one of twenty', () => {
    expect(differences.length).toBeLessThan((cases?.length ?? 0) / 20);
  });
});
