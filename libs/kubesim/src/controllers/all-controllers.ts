import type { Clock } from '@meridian/runtime';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';
import { ControllerLoop } from './controller-loop.ts';
import { EndpointSlices } from './endpoint-slices.ts';
import { Endpoints } from './endpoints.ts';
import { EventLog } from './events/event-log.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { Kubelet } from './kubelet.ts';
import { Namespaces } from './namespaces.ts';
import { NodeLifecycle } from './node-lifecycle.ts';
import { Nodes } from './nodes.ts';
import { OwnerIndex } from './owner-index.ts';
import { PolicyStatuses } from './policy-statuses.ts';
import { ResourceQuotas } from './resource-quotas.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { TaintEvictions } from './taint-evictions.ts';
import { Claims } from './volumes/claims.ts';
import { VolumeProtection } from './volumes/volume-protection.ts';
import { workloadControllers } from './workloads/workload-controllers.ts';

/** How the inside of a cluster runs. */
export interface RunOptions {
  readonly clock: Clock;
  /** Certificate of the cluster's authority, which every namespace is given for its pods. */
  readonly caPem: string;
  /** Told of what a controller threw; it tries again by itself. */
  readonly onError?: (error: unknown, controller: Controller, key: string) => void;
}

/** Runs controllers, scheduler and kubelets in a cluster until disposed of. */
export function runControllers(core: ClusterCore, options: RunOptions): ControllerLoop {
  const { clock, caPem, onError } = options;
  const owners = new OwnerIndex();
  const events = new EventLog(core);
  const inside = { core, owners, events };
  const controllers = [
    events,
    new Nodes(core),
    new NodeLifecycle(inside),
    new Namespaces(core, caPem),
    new Scheduler(inside),
    new Kubelet(inside),
    new TaintEvictions(inside),
    new EndpointSlices(core),
    new Endpoints(core),
    new Claims(inside),
    new VolumeProtection(core),
    new ResourceQuotas(core),
    new PolicyStatuses(core),
    ...workloadControllers(inside),
    new GarbageCollector(core, owners),
  ];
  const observe = owners.note.bind(owners);
  return new ControllerLoop({ core, controllers, clock, observe, ...(onError && { onError }) });
}
