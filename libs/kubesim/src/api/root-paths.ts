import { customGroups } from '../definitions/custom-groups.ts';
import { definitionsResource } from '../definitions/names.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

/** Checks of health that a real server of the pinned version has. */
const hooks = [
  'apiservice-discovery-controller',
  'apiservice-openapi-controller',
  'apiservice-openapiv3-controller',
  'apiservice-registration-controller',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'bootstrap-controller',
  'crd-informer-synced',
  'generic-apiserver-start-informers',
  'kube-apiserver-autoregistration',
  'max-in-flight-filter',
  'peer-endpoint-reconciler-controller',
  'priority-and-fairness-config-producer',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'start-apiextensions-controllers',
  'start-apiextensions-informers',
  'start-apiserver-admission-initializer',
  'start-cluster-authentication-info-controller',
  'start-kube-aggregator-informers',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-kubernetes-service-cidr-controller',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'start-system-namespaces-controller',
  'storage-object-count-tracker-hook',
  'storage-readiness',
].map((hook) => `poststarthook/${hook}`);

const checks = ['autoregister-completion', 'etcd', 'log', 'ping', ...hooks];

const healthPaths = [
  ...['/healthz', '/livez'].flatMap((path) => pathsOf(path, [...checks, 'loopback-serving-certificate'])),
  ...pathsOf('/readyz', [...checks, 'etcd-readiness', 'informer-sync', 'shutdown']),
];

const otherPaths = [
  '/.well-known/openid-configuration',
  '/apis/',
  '/flagz',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/statusz',
  '/version',
];

/** Answers the server's root with the paths that there are. @returns whether it was asked for. */
export function answerRoot(state: ServerState, exchange: Exchange): boolean {
  if (exchange.path !== '/' && exchange.path !== '/index.html') return false;
  exchange.answer(200, { paths: rootPaths(state) });
  return true;
}

function rootPaths({ registry, store }: ServerState): string[] {
  const custom = customGroups(store.list(definitionsResource)).flatMap(({ name, versions }) =>
    pathsOf(
      `/apis/${name}`,
      versions.map((version) => version.name),
    ),
  );
  const paths = [...Object.keys(registry.catalog.discovery), ...custom, ...healthPaths, ...otherPaths];
  return [...new Set(paths)].sort();
}

function pathsOf(path: string, below: readonly string[]): string[] {
  return [path, ...below.map((name) => `${path}/${name}`)];
}
