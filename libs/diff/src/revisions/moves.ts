import { keyText, possibleNames } from '@meridian/manifests';
import type { ClusterPlan, NeededApproval } from './application-plan.ts';
import type { ObjectChange } from './object-changes.ts';

/** What a change does to one application, cluster by cluster, with the namespaces of what names none before and after. */
export interface ComparedApplication {
  readonly application: string;
  readonly namespaces: { readonly before: string; readonly after: string };
  readonly clusters: readonly ClusterPlan[];
}

/**
 * Finds what one application drops and another one gets in the same cluster: it is handed over and not deleted, so it is told as
 * moved on both sides and needs no approval.
 */
export function withMoves<T extends ComparedApplication>(compared: readonly T[]): readonly T[] {
  const created = changesByName(compared, 'after', isCreated);
  const gone = changesByName(compared, 'before', isGone);
  return compared.map((one) => ({
    ...one,
    clusters: one.clusters.map((plan) => {
      const find = (known: Named, { key }: ObjectChange, side: 'before' | 'after') =>
        possibleNames(keyText(key), one.namespaces[side])
          .map((name) => known.get(`${plan.cluster} ${name}`))
          .find((application) => application !== undefined && application !== one.application);
      return movedIn(plan, {
        takerOf: (change) => find(created, change, 'before'),
        giverOf: (change) => find(gone, change, 'after'),
      });
    }),
  }));
}

/** Cluster and name of an object -> the application. */
type Named = ReadonlyMap<string, string>;

const isCreated = ({ change, hook }: ObjectChange): boolean => change === 'created' && hook === undefined;
const isGone = ({ change, hook }: ObjectChange): boolean =>
  (change === 'deleted' || change === 'left') && hook === undefined;

function changesByName(
  compared: readonly ComparedApplication[],
  side: 'before' | 'after',
  counts: (change: ObjectChange) => boolean,
): Named {
  const entries = compared.flatMap(({ application, namespaces, clusters }) =>
    clusters.flatMap(({ cluster, changes }) =>
      changes
        .filter(counts)
        .flatMap(({ key }) => possibleNames(keyText(key), namespaces[side]))
        .map((name) => [`${cluster} ${name}`, application] as const),
    ),
  );
  return new Map(entries);
}

interface Others {
  readonly takerOf: (change: ObjectChange) => string | undefined;
  readonly giverOf: (change: ObjectChange) => string | undefined;
}

function movedIn(plan: ClusterPlan, { takerOf, giverOf }: Others): ClusterPlan {
  let moved = 0;
  const changes = plan.changes.map((change): ObjectChange => {
    const movesTo = isGone(change) ? takerOf(change) : undefined;
    const movesFrom = isCreated(change) ? giverOf(change) : undefined;
    if (movesTo !== undefined) moved += 1;
    if (movesTo !== undefined) return { ...change, change: 'moved', movesTo };
    return movesFrom === undefined ? change : { ...change, movesFrom };
  });
  return { ...plan, changes, approvals: plan.approvals.flatMap((each) => without(each, moved)) };
}

/** The approval that is still needed when some of the objects move. */
function without(approval: NeededApproval, moved: number): readonly NeededApproval[] {
  const deletions = approval.deletions - moved;
  return deletions > approval.allowed ? [{ ...approval, deletions }] : [];
}
