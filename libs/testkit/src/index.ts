export { expectedPart, findOnPath, findPart, requirePart } from './find-part.ts';
export type { PartName } from './part-catalog.ts';
export { ensureParts, PartsError } from './parts.ts';
export type { EnsurePartsOptions } from './parts.ts';
export { freePort, freePorts } from './free-port.ts';
export { tieToParent } from './tie-to-parent.ts';
export { tempDir } from './temp-dir.ts';
export type { TempDir } from './temp-dir.ts';
export { portAccepts, startProcess } from './process.ts';
export type { RunningProcess, StartProcessOptions } from './process.ts';
export { startNats } from './nats-server.ts';
export type { NatsServer, StartNatsOptions } from './nats-server.ts';
export { redisArguments, startRedis } from './redis-server.ts';
export type { RedisServer, StartRedisOptions } from './redis-server.ts';
export { startTcpProxy } from './tcp-proxy.ts';
export type { Direction, ProxyFault, TcpProxy } from './tcp-proxy.ts';
export { certificateAuthority } from './certificates.ts';
export type { CertificateAuthority, CertificateRequest, KeyedCertificate } from './certificates.ts';
export { controlPlaneParts, startControlPlane, startEtcd } from './control-plane.ts';
export type { ControlPlane, ControlPlaneOptions, ControlPlaneProgram, Etcd } from './control-plane.ts';
export { kubeconfigText, openIdentity } from './control-plane-identity.ts';
export type { ControlPlaneIdentity } from './control-plane-identity.ts';
export {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from './control-plane-programs.ts';
export { askApiServer, isApiServerReady } from './api-server-client.ts';
export type { ApiServerAccess } from './api-server-client.ts';
export { createNodes, gpuNodes, waitForNodes } from './simulated-nodes.ts';
export type { SimulatedNode } from './simulated-nodes.ts';
export { alive, edit, Fleet, foreground, git, repoRoot, run, until } from './fleet.ts';
export type { KubeJson, Ran, SandboxFile } from './fleet.ts';
export { healthyStatus } from './statuses.ts';
