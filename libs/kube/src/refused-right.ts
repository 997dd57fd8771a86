/** A right that the API server says somebody lacks. */
export interface RefusedRight {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly apiGroup: string;
  /** Undefined when it was asked for in the whole cluster. */
  readonly namespace: string | undefined;
}

// The words of the API server's authorization filter (apiserver, pkg/endpoints/handlers/responsewriters/errors.go). They hold
// names only, so that they may be told of Secrets, too.
const words =
  /\bUser "([^"\s]{1,300})" cannot ([-a-z:*]{1,80}) resource "([^"\s]{1,300})" in API group "([^"\s]{0,253})" (?:in the namespace "([^"\s]{1,63})"|at the cluster scope)/;

/** The right that a refusal is about; undefined when it is about something else. */
export function refusedRightOf(message: string): RefusedRight | undefined {
  const [, user, verb, resource, apiGroup, namespace] = words.exec(message) ?? [];
  if (user === undefined || verb === undefined || resource === undefined || apiGroup === undefined)
    return undefined;
  return { user, verb, resource, apiGroup, namespace };
}

/** The right in the words of the API server. */
export function rightText({ user, verb, resource, apiGroup, namespace }: RefusedRight): string {
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `User "${user}" cannot ${verb} resource "${resource}" in API group "${apiGroup}" ${where}`;
}

/** What a person does about it, as one phrase. */
export function grantText({ user, verb, resource, apiGroup, namespace }: RefusedRight): string {
  // Newer servers ask for a finer right first and name that one ("impersonate-on:serviceaccount:patch"); this one is enough.
  if (verb.startsWith('impersonate'))
    return `to grant it, let ${user} impersonate that account: { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] } in its namespace`;
  const rule = `apiGroups: ["${apiGroup}"], resources: ["${resource}"], verbs: ["${verb}"]`;
  const binding =
    namespace === undefined ? 'a ClusterRoleBinding' : `a RoleBinding in namespace ${namespace}`;
  return `to grant it, give ${user} a role with { ${rule} } by ${binding}`;
}
