/** Where an application that another one waits for has to be healthy, see `Dependency`. */
export const dependencyScopes = ['cluster', 'fleet'] as const;

/** One of `dependencyScopes`. */
export type DependencyScope = (typeof dependencyScopes)[number];

/**
 * An application that has to be healthy at the release that git has for it before another one is pushed: `cluster` asks for
 * the cluster that is pushed to, `fleet` for all clusters of it, with its rollout completed.
 */
export interface Dependency {
  readonly application: string;
  readonly scope: DependencyScope;
}
