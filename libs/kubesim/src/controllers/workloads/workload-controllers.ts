import type { Controller } from '../controller.ts';
import type { Inside } from '../inside.ts';
import { Autoscalers } from '../autoscaling/autoscalers.ts';
import { CronJobs } from './cron-jobs.ts';
import { DaemonSets } from './daemon-sets.ts';
import { Deployments } from './deployments.ts';
import { DisruptionBudgets } from './disruption-budgets.ts';
import { Jobs } from './jobs.ts';
import { ReplicaSets } from './replica-sets.ts';
import { StatefulSets } from './stateful-sets.ts';

/** The controllers that make, replace and scale pods, and count those that may be missed. */
export function workloadControllers(inside: Inside): Controller[] {
  return [
    new Deployments(inside),
    new ReplicaSets(inside, 'set'),
    new ReplicaSets(inside, 'controller'),
    new StatefulSets(inside),
    new DaemonSets(inside),
    new Jobs(inside),
    new CronJobs(inside),
    new DisruptionBudgets(inside),
    new Autoscalers(inside),
  ];
}
