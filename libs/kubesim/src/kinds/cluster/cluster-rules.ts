import { goJson, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { signingRules } from '../certificates/signing-rules.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { driverChange, driverErrors, driverWarnings } from '../storage/driver-errors.ts';
import { counted, keepsFirstStatus, withStatus } from '../strategies.ts';
import { apiServiceErrors } from './api-service-errors.ts';
import { eventChange, eventErrors } from './event-errors.ts';
import { eventVersions } from './event-versions.ts';
import { flowSchemaErrors } from './flow-errors.ts';
import { nodeChange, nodeErrors } from './node-errors.ts';
import { priorityLevelErrors } from './priority-level-errors.ts';
import { bindingChange, bindingErrors, clusterRoleErrors, roleErrors } from './role-errors.ts';

const byPath: KindRules = { ...genericRules, name: 'path-segment', allowsCreateOnUpdate: true };

/** Rules of kinds whose changes always have to say which revision they change. */
const byRevision: KindRules = { ...genericRules, allowsUnconditionalUpdate: false };

/** Rules of nodes, events, who may do what, and what extends the cluster. */
export const clusterRules: Readonly<Record<string, KindRules>> = {
  nodes: { ...keepsFirstStatus, validateCreate: nodeErrors, validateUpdate: nodeChange },
  events: { ...byPath, validateCreate: eventErrors, validateUpdate: eventChange, versions: eventVersions },
  'certificatesigningrequests.certificates.k8s.io': signingRules,
  'roles.rbac.authorization.k8s.io': checked(byPath, roleErrors),
  'clusterroles.rbac.authorization.k8s.io': checked(byPath, clusterRoleErrors),
  'rolebindings.rbac.authorization.k8s.io': checked(
    byPath,
    (binding) => bindingErrors(binding, ['Role', 'ClusterRole']),
    bindingChange,
  ),
  'clusterrolebindings.rbac.authorization.k8s.io': checked(
    byPath,
    (binding) => bindingErrors(binding, ['ClusterRole']),
    bindingChange,
  ),
  'csidrivers.storage.k8s.io': {
    ...checked(byRevision, driverErrors, driverChange),
    prepareForUpdate(driver, old) {
      const same = goEqual(driver['spec'], old['spec']);
      const before = old.metadata.generation;
      const after = same ? before : (before ?? 0) + 1;
      if (after !== undefined) driver.metadata.generation = after;
    },
    warnings: driverWarnings,
  },
  'apiservices.apiregistration.k8s.io': checked(
    { ...withStatus, name: 'path-segment', allowsUnconditionalUpdate: false },
    apiServiceErrors,
  ),
  'flowschemas.flowcontrol.apiserver.k8s.io': checked(counted(withStatus), flowSchemaErrors),
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': checked(
    counted(withStatus),
    priorityLevelErrors,
  ),
  'csinodes.storage.k8s.io': byRevision,
  'volumeattachments.storage.k8s.io': checked(
    { ...withStatus, allowsUnconditionalUpdate: false },
    () => [],
    attachmentChange,
  ),
};

/** What is attached where may not change; the API server says so with the names that its code has for the fields. */
function attachmentChange(attachment: KubeObject, old: KubeObject): FieldError[] {
  const spec = objectAt(attachment, 'spec') ?? {};
  if (goEqual(spec, objectAt(old, 'spec'))) return [];
  const value = (...path: string[]) => goJson(valueAt(spec, ...path) ?? null);
  const source = `{"PersistentVolumeName":${value('source', 'persistentVolumeName')},"InlineVolumeSpec":${value('source', 'inlineVolumeSpec')}}`;
  const shown = `{"Attacher":${value('attacher')},"Source":${source},"NodeName":${value('nodeName')}}`;
  return [{ ...invalid('spec', null, 'field is immutable'), shown }];
}
