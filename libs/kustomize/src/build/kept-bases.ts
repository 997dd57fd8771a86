import type { Accumulation } from './accumulation.ts';
import type { Building } from './building.ts';
import type { Loader } from './loader.ts';
import { prepare } from './prepared.ts';

/**
 * What a base accumulates: kept from an earlier build that looked at the same things, or made now and kept. A base whose
 * result depends on more than the tree is not kept: one below a chosen schema, one that chooses a schema, one that waits
 * for a chart. `kind` keeps apart what is made of one directory in different ways.
 */
export function keptOrAccumulated(
  building: Building,
  loader: Loader,
  accumulate: () => Accumulation,
  kind = 'base',
): Accumulation {
  if (building.isSchemaChosen) return accumulate();
  const { cache, tree } = building;
  const hasCharts = building.charts !== undefined;
  const key = `${kind} ${building.profile} ${String(loader.isRootOnly)} ${String(hasCharts)} ${loader.root}`;
  const kept = cache.base(key, tree);
  // A base that holds a directory on the way here is a cycle, which is refused where it closes.
  if (kept && !loader.isOnTheWay(kept.roots)) {
    building.roots.push(...kept.roots);
    building.warnings.push(...kept.warnings);
    building.isBuiltInLoaded ||= kept.isBuiltInLoaded;
    building.visit(kept.visits, { file: loader.root });
    building.look(kept.looks, { file: loader.root });
    prepare(kept.accumulation.resources);
    return kept.accumulation;
  }
  const before = {
    roots: building.roots.length,
    warnings: building.warnings.length,
    visits: building.visits,
    looks: building.looks,
  };
  const { result: accumulation, reads } = tree.recorded(accumulate);
  if (!building.isSchemaChosen && !building.isWaiting)
    cache.keep(key, {
      reads,
      accumulation,
      roots: building.roots.slice(before.roots),
      warnings: building.warnings.slice(before.warnings),
      isBuiltInLoaded: building.isBuiltInLoaded,
      visits: building.visits - before.visits,
      looks: building.looks - before.looks,
    });
  return accumulation;
}
