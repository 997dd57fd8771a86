import { itemsAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { checked } from '../checked.ts';
import { genericRules } from '../generic-rules.ts';
import type { KindRules } from '../kind-rules.ts';
import { keepsFirstStatus } from '../strategies.ts';
import { eventErrors } from './event-errors.ts';
import { eventVersions } from './event-versions.ts';
import { nodeChange, nodeErrors } from './node-errors.ts';
import { bindingChange, bindingErrors, clusterRoleErrors, roleErrors } from './role-errors.ts';

const byPath: KindRules = { ...genericRules, name: 'path-segment', allowsCreateOnUpdate: true };
const roles: KindRules = { ...byPath, prepareForCreate: noneForEmpty, prepareForUpdate: noneForEmpty };

/** Rules of nodes, events, and who may do what. */
export const clusterRules: Readonly<Record<string, KindRules>> = {
  nodes: { ...keepsFirstStatus, validateCreate: nodeErrors, validateUpdate: nodeChange },
  events: { ...checked(genericRules, eventErrors), allowsCreateOnUpdate: true, versions: eventVersions },
  'roles.rbac.authorization.k8s.io': checked(roles, roleErrors),
  'clusterroles.rbac.authorization.k8s.io': checked(roles, clusterRoleErrors),
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
};

/** Lists that Go always writes are stored as none when they are empty. */
function noneForEmpty(role: KubeObject): void {
  if (itemsAt(role, 'rules').length === 0) role['rules'] = null;
}
