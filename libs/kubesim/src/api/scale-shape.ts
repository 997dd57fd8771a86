import { invalidError } from '../errors/api-error.ts';
import { noReplicas, readCustomScale, unsetReplicas, withCustomReplicas } from '../custom/custom-scale.ts';
import type { CustomRules } from '../custom/custom-rules.ts';
import { draftOf, isObject, numberAt, objectAt, textAt } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { notNegative } from '../kinds/validation/checks.ts';
import type { ReplicasPaths } from '../merge/scale-fields.ts';
import type { Resource } from '../schema/resource.ts';
import { selectorText } from './selector-text.ts';

/** How the scale of a kind is read from its objects and written back. */
export interface ScaleShape {
  readonly paths: ReplicasPaths;
  /** The scale to answer with. Throws 500 when an object of a custom kind does not say how many it wants. */
  answer(object: KubeObject): KubeObject;
  /** The scale that a write begins with and ends with. */
  readonly show: (object: KubeObject) => KubeObject;
  /** Throws 422 when a scale makes no sense, whatever the object. */
  check(scale: KubeObject, name: string): void;
  /** An object with the replicas of a scale. Throws 400 when they are left unset. */
  readonly take: (live: KubeObject, scale: KubeObject) => KubeObject;
}

/** The shape of a resource's scale. */
export function scaleShapeOf(resource: Resource, { custom }: KindRules): ScaleShape {
  const ofCustom = custom === undefined ? undefined : customShape(custom);
  return ofCustom ?? workloadShape(apiVersionOf(resource.group, resource.version));
}

/** The version of scales. */
export const scaleVersion = 'autoscaling/v1';

function workloadShape(apiVersion: string): ScaleShape {
  const show = (object: KubeObject) =>
    scaleOf(object, {
      wanted: numberAt(object, 'spec', 'replicas') ?? 0,
      found: numberAt(object, 'status', 'replicas') ?? 0,
      selector: selectorOf(object),
    });
  return {
    paths: { [apiVersion]: 'spec.replicas' },
    answer: show,
    show,
    check(scale, name) {
      const errors = notNegative(numberAt(scale, 'spec', 'replicas'), 'spec.replicas');
      if (errors.length > 0) throw invalidError({ group: 'autoscaling', kind: 'Scale' }, name, errors);
    },
    take(live, scale) {
      const changed = draftOf(live);
      const { spec } = changed;
      if (isObject(spec)) spec['replicas'] = numberAt(scale, 'spec', 'replicas') ?? 0;
      return withRevision(changed, scale);
    },
  };
}

function customShape({ scale: paths, replicaPaths }: CustomRules): ScaleShape | undefined {
  if (paths === undefined) return undefined;
  const shownWith = (object: KubeObject, unset: number) => {
    const read = readCustomScale(object, paths);
    return scaleOf(object, { ...read, wanted: read.wanted ?? unset });
  };
  return {
    paths: replicaPaths,
    answer(object) {
      if (readCustomScale(object, paths).wanted === undefined) throw noReplicas(paths);
      return shownWith(object, 0);
    },
    show: (object) => shownWith(object, unsetReplicas),
    check: () => undefined,
    take: (live, scale) => withRevision(withCustomReplicas(live, scale, paths), scale),
  };
}

function withRevision(changed: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject {
  if (resourceVersion !== undefined) changed.metadata.resourceVersion = resourceVersion;
  return changed;
}

function scaleOf(
  { metadata }: KubeObject,
  { wanted, found, selector }: { readonly wanted: number; readonly found: number; readonly selector: string },
): KubeObject {
  const { name = '', uid = '', resourceVersion = '', creationTimestamp = '', namespace } = metadata;
  const home = namespace === undefined ? {} : { namespace };
  return {
    kind: 'Scale',
    apiVersion: scaleVersion,
    metadata: { name, ...home, uid, resourceVersion, creationTimestamp },
    spec: wanted === 0 ? {} : { replicas: wanted },
    status: { replicas: found, ...(selector === '' ? {} : { selector }) },
  };
}

/** The selector as text; that of a replication controller is a plain map of labels. */
function selectorOf(object: KubeObject): string {
  const selector = objectAt(object, 'spec', 'selector') ?? {};
  if (textAt(object, 'kind') !== 'ReplicationController') return selectorText(selector);
  return selectorText({ matchLabels: selector });
}
