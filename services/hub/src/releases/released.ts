import { withDeclaredPlace } from '@meridian/fleet';
import type {
  Application,
  Cluster,
  Declaration,
  LocatedError,
  Problem,
  Release,
  RolloutStrategy,
} from '@meridian/fleet';
import { canonicalJson, sha256Digest } from '@meridian/manifests';
import type { RenderedBundle, Rendering } from '@meridian/rendering';
import { mergedProblems, mergedWarnings } from './problems.ts';

/** An application that was resolved for every cluster it is placed in. */
export interface ReleasedApplication {
  readonly application: Application;
  readonly strategy: RolloutStrategy;
  readonly release: Release;
  readonly labels: { readonly [cluster: string]: { readonly [key: string]: string } };
  readonly bundles: ReadonlyMap<string, RenderedBundle>;
  /** What is worth a warning and freezes nothing. */
  readonly warnings: readonly Problem[];
}

/** An application's release, or what freezes it; `isPassing` when that may be different another time, at the same revision. */
export type Released =
  ReleasedApplication | { readonly problems: readonly Problem[]; readonly isPassing: boolean };

/** The release that renderings of an application for all its clusters make at a revision. */
export function releasedBy(
  {
    application,
    strategy,
    declaration,
  }: {
    readonly application: Application;
    readonly strategy: RolloutStrategy;
    readonly declaration?: Declaration | undefined;
  },
  revision: string,
  renderings: ReadonlyMap<Cluster, Rendering>,
): Released {
  const failed = [...renderings.values()].flatMap((one) => (one.ok ? [] : [one]));
  if (failed.length > 0)
    return {
      problems: mergedProblems(
        application.name,
        revision,
        failed
          .flatMap(({ errors }) => errors)
          .map((error) => withDeclaredPlace(error, application.path, declaration)),
      ),
      isPassing: failed.some(({ isLimit }) => isLimit === true),
    };
  const bundles = new Map<string, RenderedBundle>();
  for (const [cluster, one] of renderings) if (one.ok) bundles.set(cluster.name, one.bundle);
  const refs = [...bundles].map(
    ([name, { digest, keys }]) => [name, { digest, objects: keys.length }] as const,
  );
  const content = { application: application.name, revision, bundles: Object.fromEntries(refs) };
  return {
    application,
    strategy,
    labels: Object.fromEntries([...renderings.keys()].map(({ name, labels }) => [name, labels])),
    release: { digest: sha256Digest(canonicalJson(content)), ...content },
    bundles,
    warnings: mergedWarnings(application.name, revision, warningsOf(renderings)),
  };
}

function warningsOf(renderings: ReadonlyMap<Cluster, Rendering>): LocatedError[] {
  return [...renderings].flatMap(([{ name }, one]) =>
    one.ok ? one.warnings.map((warning) => ({ ...warning, cluster: name })) : [],
  );
}
