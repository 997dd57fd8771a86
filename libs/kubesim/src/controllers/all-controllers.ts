import type { Clock } from '@meridian/runtime';
import type { ClusterCore } from './cluster-client.ts';
import type { Controller } from './controller.ts';
import { ControllerLoop } from './controller-loop.ts';
import { EndpointSlices } from './endpoint-slices.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { Kubelet } from './kubelet.ts';
import { Namespaces } from './namespaces.ts';
import { Nodes } from './nodes.ts';
import { Scheduler } from './scheduler.ts';
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
  const controllers = [
    new Nodes(core),
    new Namespaces(core, caPem),
    new Scheduler(core),
    new Kubelet(core),
    new EndpointSlices(core),
    ...workloadControllers(core),
    new GarbageCollector(core),
  ];
  return new ControllerLoop({ core, controllers, clock, ...(onError && { onError }) });
}
