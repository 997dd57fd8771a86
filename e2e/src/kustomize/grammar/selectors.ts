import type { Dice } from '../../kube/dice.ts';
import type { SeenObject } from './scene.ts';
import { maybe } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

/** Which objects a patch or a replacement is for: that one, most often. */
export function selector(dice: Dice, object: SeenObject): YamlMap {
  const { kind, name, namespace } = object;
  return {
    ...maybe(dice, 0.7, () => ({
      kind: dice.chance(0.9) ? kind : dice.pick(['.*', 'Deploy.*', 'Stateful|Service']),
    })),
    ...maybe(dice, 0.5, () => ({
      name: dice.chance(0.7) ? JSON.stringify(name) : dice.pick(['.*', 'we', 'web.*', '"web|db"']),
    })),
    ...maybe(dice, 0.15, () => ({
      namespace: JSON.stringify(dice.pick([namespace ?? '', namespace ?? 'default', 'prod', '.*'])),
    })),
    ...maybe(dice, 0.1, () => ({
      labelSelector: dice.pick(['app=web', 'app in (web,db)', '"!tier"', 'app!=db', '"app notin (x),app"']),
    })),
    ...maybe(dice, 0.05, () => ({ annotationSelector: dice.pick(['note', 'note=one', '"!note"']) })),
    ...maybe(dice, 0.1, () => ({ version: dice.pick(['v1', 'v.*']) })),
    ...maybe(dice, 0.1, () => ({ group: dice.pick([...groupOf(object), 'apps', '.*']) })),
  };
}

/** The whole of an object's kind, its group where it has one. */
export function wholeKind({ apiVersion, kind }: SeenObject): YamlMap {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { version: first, kind } : { group: first, version: second, kind };
}

function groupOf({ apiVersion }: SeenObject): readonly string[] {
  return apiVersion.includes('/') ? [apiVersion.split('/')[0] ?? ''] : [];
}
