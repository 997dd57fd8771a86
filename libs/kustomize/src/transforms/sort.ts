import type { Place, Resources } from '../build/step.ts';
import { firstKinds, gvkSortText, kindRanks, lastKinds } from '../config/gvk-order.ts';
import { refuse } from '../refusal.ts';
import type { Gvk, Id } from '../resources/id.ts';
import { idOf } from '../resources/resource.ts';
import { byUtf8 } from '../values/json.ts';

/** How the result of a build is sorted (api/types/sortoptions.go). */
export interface SortOptions {
  readonly order?: string | undefined;
  readonly legacySortOptions?:
    | {
        readonly orderFirst?: readonly string[] | undefined;
        readonly orderLast?: readonly string[] | undefined;
      }
    | undefined;
}

/** Sorts resources: `fifo` leaves them as they are, `legacy` goes by kind and then by id (SortOrderTransformer). */
export function sortResources(resources: Resources, options: SortOptions, place: Place): Resources {
  const { order = '', legacySortOptions } = options;
  if (order !== 'fifo' && order !== 'legacy')
    refuse({ ...place, message: `sortOptions.order cannot be '${order}'`, fix: 'use fifo or legacy' });
  if (order === 'fifo') {
    if (legacySortOptions)
      refuse({
        ...place,
        message: 'legacySortOptions have no meaning with the order fifo',
        fix: 'use the order legacy or remove them',
      });
    return resources;
  }
  const { orderFirst, orderLast } = legacySortOptions ?? { orderFirst: firstKinds, orderLast: lastKinds };
  const ranks = kindRanks(orderFirst ?? [], orderLast ?? []);
  const keyed = resources.map((resource) => ({ resource, key: sortKey(idOf(resource), ranks) }));
  keyed.sort((left, right) => compareKeys(left.key, right.key));
  return keyed.every(({ resource }, index) => resource === resources[index])
    ? resources
    : keyed.map(({ resource }) => resource);
}

interface SortKey {
  readonly gvk: Gvk;
  readonly rank: number;
  readonly gvkText: string;
  readonly idText: string;
}

function sortKey(id: Id, ranks: ReadonlyMap<string, number>): SortKey {
  const or = (text: string, other: string): string => (text === '' ? other : text);
  const kindText = `${or(id.kind, '[noKind]')}.${or(id.version, '[noVer]')}.${or(id.group, '[noGrp]')}`;
  return {
    gvk: id,
    rank: ranks.get(id.kind) ?? 0,
    gvkText: gvkSortText(id),
    idText: `${kindText}|${or(id.namespace, '~X')}|${or(id.name, '~N')}`,
  };
}

function compareKeys(left: SortKey, right: SortKey): number {
  if (left.rank !== right.rank) return left.rank - right.rank;
  const byKind = byUtf8(left.gvkText, right.gvkText);
  if (byKind === 0) return byUtf8(left.idText, right.idText);
  // Namespaces of the core group come before those of other groups, although an empty group sorts late elsewhere.
  const isBackwards =
    left.gvk.kind === 'Namespace' &&
    right.gvk.kind === 'Namespace' &&
    (left.gvk.group === '' || right.gvk.group === '');
  return isBackwards ? -byKind : byKind;
}
