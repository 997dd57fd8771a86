import type { Exchange } from './exchange.ts';

/** What a real server of the pinned version does once it has started, in its order. */
const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'max-in-flight-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map(hookPath);

const last = [
  'autoregister-completion',
  ...['apiservice-openapi-controller', 'apiservice-openapiv3-controller'].map(hookPath),
];

function hookPath(hook: string): string {
  return `poststarthook/${hook}`;
}

const ofLife = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...hooks, ...last];
const ofReadiness = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...hooks, ...last, 'shutdown'];

/** The checks of health below each path, in the order in which they are told. */
export const healthChecks: ReadonlyMap<string, readonly string[]> = new Map([
  ['/healthz', ofLife],
  ['/livez', ofLife],
  ['/readyz', ofReadiness],
]);

/** Says that the server is well, check by check for who asks so. @returns whether the path is one of a check. */
export function answerHealth(exchange: Exchange): boolean {
  const { path, query } = exchange;
  const [, root = '', check] = /^(\/(?:healthz|livez|readyz))(?:\/(.+))?$/.exec(path) ?? [];
  const checks = healthChecks.get(root);
  if (checks === undefined || (check !== undefined && !checks.includes(check))) return false;
  const told = check === undefined && query.has('verbose');
  const text = told ? report(root.slice(1), checks, query.getAll('exclude')) : 'ok';
  exchange.answerText(200, text, 'text/plain; charset=utf-8');
  return true;
}

function report(name: string, checks: readonly string[], excluded: readonly string[]): string {
  const lines = checks.map((check) => `[+]${check}${excluded.includes(check) ? ' excluded:' : ''} ok\n`);
  const unknown = [...new Set(excluded)].filter((check) => !checks.includes(check)).sort();
  const shown = unknown.map((check) => `"${check}"`).join(',');
  const warning =
    unknown.length === 0 ? '' : `warn: some health checks cannot be excluded: no matches for ${shown}\n`;
  return `${lines.join('')}${warning}${name} check passed\n`;
}
