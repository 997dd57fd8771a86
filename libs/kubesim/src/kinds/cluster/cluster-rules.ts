import { goJson, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { signingRules } from '../certificates/signing-rules.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { keepsFirstStatus, withStatus } from '../strategies.ts';
import { eventChange, eventErrors } from './event-errors.ts';
import { eventVersions } from './event-versions.ts';
import { nodeChange, nodeErrors } from './node-errors.ts';
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
  'csidrivers.storage.k8s.io': checked(byRevision, () => [], driverChange),
  'csinodes.storage.k8s.io': byRevision,
  'volumeattachments.storage.k8s.io': checked(
    { ...withStatus, allowsUnconditionalUpdate: false },
    () => [],
    attachmentChange,
  ),
};

/** Whether volumes are attached may not change; the API server misspells the field. */
function driverChange(driver: KubeObject, old: KubeObject): FieldError[] {
  const value = valueAt(driver, 'spec', 'attachRequired') ?? null;
  if (goEqual(value, valueAt(old, 'spec', 'attachRequired') ?? null)) return [];
  return [invalid('spec.attachedRequired', value, 'field is immutable')];
}

/** What is attached where may not change; the API server says so with the names that its code has for the fields. */
function attachmentChange(attachment: KubeObject, old: KubeObject): FieldError[] {
  const spec = objectAt(attachment, 'spec') ?? {};
  if (goEqual(spec, objectAt(old, 'spec'))) return [];
  const value = (...path: string[]) => goJson(valueAt(spec, ...path) ?? null);
  const source = `{"PersistentVolumeName":${value('source', 'persistentVolumeName')},"InlineVolumeSpec":${value('source', 'inlineVolumeSpec')}}`;
  const shown = `{"Attacher":${value('attacher')},"Source":${source},"NodeName":${value('nodeName')}}`;
  return [{ ...invalid('spec', null, 'field is immutable'), shown }];
}
