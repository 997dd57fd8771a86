import { namePattern } from '@meridian/diff';
import type { FieldManagerPolicy, FieldManagerRule } from '@meridian/fleet';

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

/** What an application does about the fields of other managers. */
export interface ManagerPolicy {
  of(manager: string): FieldManagerPolicy;
  /** Whether what others have matters before an apply; else one that takes all fields is right at once. */
  readonly looksFirst: boolean;
}

/** The policy that the rules of an application make; the first that fits counts. */
export function managerPolicyOf(rules: readonly FieldManagerRule[] = []): ManagerPolicy {
  const tests = rules.map(({ manager, policy }) => ({ fits: namePattern(manager), policy }));
  return {
    of: (manager) =>
      tests.find(({ fits }) => fits(manager))?.policy ?? (adoptedByDefault.has(manager) ? 'adopt' : 'force'),
    looksFirst: rules.some(({ policy }) => policy === 'yield' || policy === 'fail'),
  };
}
