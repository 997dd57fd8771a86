/**
 * Tools that write whole objects from manifests and may have done so before us. What they wrote and the bundle does not name
 * is removed, as if we had written it: otherwise it would stay for ever. `before-first-apply` is the API server's name for
 * whoever wrote before it kept managers. People's hands (`kubectl-edit`, `kubectl-patch` …) are not among them.
 */
const adoptedByDefault: ReadonlySet<string> = new Set([
  'before-first-apply',
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-last-applied',
  'helm',
  'helm-controller',
  'argocd-controller',
  'kustomize-controller',
]);

/** Whether the fields that a manager has set become ours. */
export const isAdopted = (manager: string): boolean => adoptedByDefault.has(manager);
