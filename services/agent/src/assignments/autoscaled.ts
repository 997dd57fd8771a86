import { isJsonObject, keyOf, keyText } from '@meridian/manifests';
import type { Json, KubeObject } from '@meridian/manifests';

/** Kinds that scale what their `scaleTargetRef` names. */
const scalers: ReadonlySet<string> = new Set(['autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject']);

/**
 * What the autoscalers among some objects scale: `keyText` of each target -> the autoscaler as people write it. KEDA's
 * default is a Deployment.
 */
export function autoscaledBy(
  objects: readonly KubeObject[],
  namespaceOf: (scaler: KubeObject) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const object of objects) {
    const { group, kind } = keyOf(object);
    const spec = object['spec'];
    const target = isJsonObject(spec) ? spec['scaleTargetRef'] : undefined;
    if (!scalers.has(`${group}/${kind}`) || !isJsonObject(target)) continue;
    const key = {
      group: groupIn(target['apiVersion']),
      kind: textOr(target['kind'], 'Deployment'),
      namespace: namespaceOf(object),
      name: textOr(target['name'], ''),
    };
    found.set(keyText(key), `${kind} ${object.metadata.name}`);
  }
  return found;
}

const textOr = (value: Json | undefined, other: string): string =>
  typeof value === 'string' ? value : other;

function groupIn(apiVersion: Json | undefined): string {
  const text = textOr(apiVersion, 'apps/v1');
  return text.includes('/') ? text.slice(0, text.indexOf('/')) : '';
}

/** Whether the object says how many replicas it has. */
export const hasReplicas = ({ spec }: KubeObject): boolean =>
  isJsonObject(spec) && typeof spec['replicas'] === 'number';
