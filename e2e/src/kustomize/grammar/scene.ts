import type { BuiltObject, Plain, Profile } from '@meridian/kustomize';
import type { Dice } from '../../kube/dice.ts';
import type { Yaml } from './yaml.ts';

/** What fields of a kustomization are made of: chance, the objects there are, and where a file of its own is put. */
export interface Scene {
  readonly dice: Dice;
  readonly profile: Profile;
  readonly objects: readonly SeenObject[];
  /** Keeps a text as a file beside the kustomization and gives its name. */
  readonly file: (stem: string, text: string) => string;
}

/** An object that a layer below gives, as later layers see it. */
export interface SeenObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly fields: Plain;
}

/** A way into an object: keys and indices. */
export type Way = readonly (string | number)[];

/** The objects of a build, as far as they have a name. */
export function seenIn(objects: readonly BuiltObject[]): readonly SeenObject[] {
  return objects.flatMap(({ fields }) => {
    const { apiVersion, kind, metadata } = fields;
    const { name, namespace } = isMap(metadata) ? metadata : {};
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') return [];
    return [{ apiVersion, kind, name, fields, ...(typeof namespace === 'string' ? { namespace } : {}) }];
  });
}

/** An object that stands for those of a tree which could not be built. */
export const unseen: SeenObject = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', fields: {} };

/** A way to something that an object has; short ways are as likely as long ones. */
export function someWay(dice: Dice, value: Plain): Way {
  const way: (string | number)[] = [];
  let at: Plain | undefined = value;
  while (way.length < 9 && (way.length === 0 || dice.chance(0.85))) {
    const keys: readonly (string | number)[] = keysOf(at);
    if (keys.length === 0) break;
    const key = dice.pick(keys);
    way.push(key);
    at = inside(at, key);
  }
  return way;
}

/** What stands at a way. */
export function valueAt(value: Plain, way: Way): Plain | undefined {
  return way.reduce<Plain | undefined>((at, key) => inside(at, key), value);
}

/** Every scalar under a key of this name, wherever it stands. */
export function textsUnder(value: Plain, name: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: readonly [string, Plain]) =>
    key === name && typeof item === 'string' ? [item] : textsUnder(item, name),
  );
}

/** Whether a value is a mapping. */
export function isMap(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value to be written in double quotes or as it is. */
export function yamlOfPlain(value: Plain): Yaml {
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, yamlOfPlain(item)]));
  if (typeof value === 'object' && value !== null) return value.map(yamlOfPlain);
  return typeof value === 'string' && !/^[a-z][a-z0-9./-]{3,}$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}

function keysOf(value: Plain | undefined): readonly (string | number)[] {
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? [...value.keys()] : Object.keys(value);
}

function inside(value: Plain | undefined, key: string | number): Plain | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as { readonly [key: string]: Plain })[key] : undefined;
}
