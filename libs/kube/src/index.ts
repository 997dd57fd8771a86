export { connectKube } from './connect-kube.ts';
export type { ConnectKubeOptions } from './connect-kube.ts';
export type { Discovery, KubeKind } from './discovery.ts';
export type { GoneObject } from './known-objects.ts';
export type {
  ApplyOptions,
  Kube,
  KubeList,
  KubeQuery,
  KubeRef,
  KubeVersion,
  KubeWatchEvent,
  RemoveOptions,
  WatchQuery,
  WriteOptions,
} from './kube.ts';
export { isExpired, KubeStatusError } from './kube-status-error.ts';
export type { FieldConflict, StatusCause } from './kube-status-error.ts';
export type { TransportLimits } from './transport.ts';
export { watchKind } from './watch-kind.ts';
export type { KindEvent, WatchKindOptions } from './watch-kind.ts';
