import { at, listAt, textAt } from '../read.ts';
import type { Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

/**
 * Bindings of Karmada: every cluster that is selected tells a status and none of them is unhealthy. `mustSelect`: a binding
 * that selects no cluster at all waits, too.
 */
export function judgeBinding({ mustSelect }: { readonly mustSelect: boolean }): Rule {
  return (object) => {
    const clusters = at(object, 'spec', 'clusters');
    const wanted = Array.isArray(clusters) ? clusters.length : undefined;
    const told = listAt(object, 'status', 'aggregatedStatus');
    const isShort =
      wanted === undefined ? mustSelect || told.length === 0 : wanted !== told.length || wanted === 0;
    if (isShort) return progressing(`${told.length} of ${wanted ?? 'its'} clusters have told a status`);
    const bad = told.find((entry) => {
      const health = textAt(entry, 'health');
      return health === 'Unhealthy' || (health === 'Unknown' && at(entry, 'applied') !== true);
    });
    return bad
      ? degraded(`it is not healthy in cluster ${textAt(bad, 'clusterName') || 'without a name'}`)
      : healthy('it is healthy in all clusters');
  };
}
