import { matchesSelector, type Application, type Cluster } from '@meridian/fleet';
import { canonicalJson, sha256Hex } from '@meridian/manifests';

interface Prepared {
  readonly common: string;
  readonly overrides: readonly string[];
}

const prepared = new WeakMap<Application, Prepared>();

/**
 * What a rendering depends on beside files and the labels it looks at, as a text that is the same for the same: the
 * application without what only rollouts use, the overrides that select the cluster, and the cluster's name. Each override
 * counts with its place, which errors tell.
 */
export function renderingContext(application: Application, cluster: Cluster): string {
  let known = prepared.get(application);
  if (!known) prepared.set(application, (known = prepare(application)));
  const selected = (application.overrides ?? []).flatMap(({ clusters }, at) =>
    matchesSelector(clusters, cluster.labels) ? (known.overrides[at] ?? []) : [],
  );
  return [cluster.name, known.common, ...selected].join(' ');
}

function prepare(application: Application): Prepared {
  const { placement: _p, rolloutStrategy: _r, syncPolicy: _s, overrides = [], ...rest } = application;
  return {
    common: sha256Hex(canonicalJson(rest)),
    overrides: overrides.map(({ clusters: _, ...override }) => sha256Hex(canonicalJson(override))),
  };
}
