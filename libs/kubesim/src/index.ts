export type { Json, JsonObject } from './json.ts';
export type { KubeObject, ObjectMeta } from './kube-object.ts';
export { createCluster } from './cluster/sim-cluster.ts';
export type { ClusterOptions, SimCluster } from './cluster/sim-cluster.ts';
export { startSimServer } from './cluster/sim-server.ts';
export type { SimServer, SimServerOptions } from './cluster/sim-server.ts';
export type { User } from './api/authenticate.ts';
export type { PastRefusal, Store, StoreEvent, StoreKey } from './store/store.ts';
