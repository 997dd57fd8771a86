import { textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { versionsOf } from './internal-spec.ts';
import { compareVersions } from './version-order.ts';

/** What those who ask for a version of a kind are warned of, undefined when it is not deprecated. */
export function deprecationOf(definition: KubeObject, version: JsonObject): string | undefined {
  if (version['deprecated'] !== true) return undefined;
  const own = textAt(version, 'deprecationWarning');
  if (own !== undefined) return own;
  const { spec } = definition;
  const [group = '', kind = ''] = [textAt(spec, 'group'), textAt(spec, 'names', 'kind')];
  const name = textAt(version, 'name') ?? '';
  const [better] = versionsOf(spec)
    .filter(({ served, deprecated }) => served === true && deprecated !== true)
    .map((other) => textAt(other, 'name') ?? '')
    .filter((other) => compareVersions(other, name) > 0)
    .sort((a, b) => compareVersions(b, a));
  const words = `${group}/${name} ${kind} is deprecated`;
  return better === undefined ? words : `${words}; use ${group}/${better} ${kind}`;
}
