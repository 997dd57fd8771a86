import type { Environment } from '@marcbachmann/cel-js';

/** The type of `request`. */
export const requestType = 'kubernetes.AdmissionRequest';
/** The type of `namespaceObject`. */
export const namespaceType = 'kubernetes.Namespace';

const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'string']));
const time = 'google.protobuf.Timestamp';
const map = 'map<string, string>';

/** What the fields of each type are (pkg/admission/plugin/cel of the API server). The inner types come first. */
const types: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubernetes.GroupVersionKind': texts('group', 'version', 'kind'),
  'kubernetes.GroupVersionResource': texts('group', 'version', 'resource'),
  'kubernetes.UserInfo': {
    ...texts('username', 'uid'),
    groups: 'list<string>',
    extra: 'map<string, list<string>>',
  },
  [requestType]: {
    ...texts('subResource', 'requestSubResource', 'name', 'namespace', 'operation'),
    kind: 'kubernetes.GroupVersionKind',
    resource: 'kubernetes.GroupVersionResource',
    requestKind: 'kubernetes.GroupVersionKind',
    requestResource: 'kubernetes.GroupVersionResource',
    userInfo: 'kubernetes.UserInfo',
    dryRun: 'bool',
    options: 'dyn',
  },
  'kubernetes.NamespaceSpec': { finalizers: 'list<string>' },
  'kubernetes.NamespaceCondition': {
    ...texts('status', 'type', 'message', 'reason'),
    lastTransitionTime: time,
  },
  'kubernetes.NamespaceStatus': { conditions: 'list<kubernetes.NamespaceCondition>', phase: 'string' },
  'kubernetes.NamespaceMetadata': {
    ...texts('name', 'generateName', 'namespace', 'UID', 'resourceVersion'),
    labels: map,
    annotations: map,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: 'int',
    generation: 'int',
    finalizers: 'list<string>',
  },
  [namespaceType]: {
    metadata: 'kubernetes.NamespaceMetadata',
    spec: 'kubernetes.NamespaceSpec',
    status: 'kubernetes.NamespaceStatus',
  },
};

/** Makes the types of `request` and `namespaceObject` known where expressions are checked. Both may be compared with null. */
export function registerRequestTypes(environment: Environment): void {
  for (const [type, fields] of Object.entries(types)) environment.registerType(type, { fields });
  environment.registerOperator(`${namespaceType} == null`, () => false);
}
