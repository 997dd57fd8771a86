import { genericRules } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { daemonSetRules } from './daemon-set-rules.ts';
import { jobRules } from './job-rules.ts';
import { podRules } from './pod-rules.ts';
import { serviceRules } from './service-rules.ts';
import { counted, countedWhole, pendingVolumes, withStatus } from './strategies.ts';

const rules: Readonly<Record<string, KindRules>> = {
  'deployments.apps': counted(withStatus, 'annotations'),
  'replicasets.apps': counted(withStatus),
  'statefulsets.apps': counted(withStatus),
  'daemonsets.apps': daemonSetRules,
  'jobs.batch': jobRules,
  'cronjobs.batch': counted(withStatus),
  replicationcontrollers: { ...counted(withStatus), dependents: 'Orphan' },
  pods: podRules,
  services: serviceRules,
  resourcequotas: withStatus,
  persistentvolumes: pendingVolumes,
  persistentvolumeclaims: pendingVolumes,
  nodes: withStatus,
  'horizontalpodautoscalers.autoscaling': withStatus,
  'poddisruptionbudgets.policy': counted(withStatus),
  'ingresses.networking.k8s.io': counted(withStatus),
  'networkpolicies.networking.k8s.io': counted(genericRules),
  podtemplates: countedWhole,
  'endpointslices.discovery.k8s.io': countedWhole,
  namespaces: { ...withStatus, name: 'namespace' },
};

/** The rules of a built-in kind by its group resource: `deployments.apps`. */
export function rulesOf(name: string): KindRules {
  return rules[name] ?? genericRules;
}
