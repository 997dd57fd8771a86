import type { ClusterCore } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { Autoscalers } from './autoscalers.ts';
import { DaemonSets } from './daemon-sets.ts';
import { Deployments } from './deployments.ts';
import { DisruptionBudgets } from './disruption-budgets.ts';
import { Jobs } from './jobs.ts';
import { ReplicaSets } from './replica-sets.ts';
import { StatefulSets } from './stateful-sets.ts';

/** The controllers that make, replace and scale pods, and count those that may be missed. */
export function workloadControllers(core: ClusterCore): Controller[] {
  return [
    new Deployments(core),
    new ReplicaSets(core),
    new StatefulSets(core),
    new DaemonSets(core),
    new Jobs(core),
    new DisruptionBudgets(core),
    new Autoscalers(core),
  ];
}
