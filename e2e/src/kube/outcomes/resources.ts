/** Where each resource that scripts touch is served: group and version, and whether it is in a namespace. */
const served: Readonly<Record<string, readonly [apiVersion: string, namespaced: boolean]>> = {
  configmaps: ['v1', true],
  controllerrevisions: ['apps/v1', true],
  cronjobs: ['batch/v1', true],
  daemonsets: ['apps/v1', true],
  deployments: ['apps/v1', true],
  endpoints: ['v1', true],
  endpointslices: ['discovery.k8s.io/v1', true],
  events: ['v1', true],
  horizontalpodautoscalers: ['autoscaling/v2', true],
  jobs: ['batch/v1', true],
  namespaces: ['v1', false],
  nodes: ['v1', false],
  persistentvolumeclaims: ['v1', true],
  persistentvolumes: ['v1', false],
  poddisruptionbudgets: ['policy/v1', true],
  pods: ['v1', true],
  priorityclasses: ['scheduling.k8s.io/v1', false],
  replicasets: ['apps/v1', true],
  replicationcontrollers: ['v1', true],
  resourcequotas: ['v1', true],
  secrets: ['v1', true],
  serviceaccounts: ['v1', true],
  services: ['v1', true],
  statefulsets: ['apps/v1', true],
  storageclasses: ['storage.k8s.io/v1', false],
  validatingadmissionpolicies: ['admissionregistration.k8s.io/v1', false],
};

/** The group and version of a resource. Throws when scripts do not know it. */
export function apiVersionOf(resource: string): string {
  return servedAs(resource)[0];
}

/** The path of a collection. */
export function collectionPath(resource: string, namespace: string): string {
  const [apiVersion, namespaced] = servedAs(resource);
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced ? `${group}/namespaces/${namespace}/${resource}` : `${group}/${resource}`;
}

function servedAs(resource: string): readonly [string, boolean] {
  const found = served[resource];
  if (found === undefined) throw new Error(`scripts do not know ${resource}`);
  return found;
}
