import { textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { fractionWarning } from './container-warnings.ts';

/** What a server warns of a claim to a volume: storage comes in whole bytes (pkg/api/persistentvolumeclaim). */
export function claimSpecWarnings(spec: JsonObject, path: string): string[] {
  return ['requests', 'limits'].flatMap((list) => {
    const amount = textAt(spec, 'resources', list, 'storage');
    return amount === undefined ? [] : fractionWarning(amount, `${path}.resources.${list}[storage]`);
  });
}
