import type { Dice } from '../../kube/dice.ts';
import type { MadeTree } from '../made-tree.ts';
import { someFields } from './fields.ts';
import { makeObject, type MadeObject } from './objects.ts';
import type { PatchScene } from './patches.ts';
import { several } from './workloads.ts';
import { yamlText, type YamlMap } from './yaml.ts';

/** A tree of kustomizations under way: its files, and the objects that the layers so far hold. */
class Growing {
  readonly files: { [path: string]: string } = {};
  readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** Where the fields of one directory's kustomization are made. */
  scene(directory: string, objects: readonly MadeObject[]): PatchScene {
    const file = (stem: string, text: string): string => {
      const name = `${stem}-${Object.keys(this.files).length}.${/^(?:data|vars)/.test(stem) ? 'txt' : 'yaml'}`;
      this.files[`${directory}/${name}`] = text;
      return name;
    };
    return { dice: this.dice, objects, file };
  }

  kustomization(directory: string, fields: YamlMap, kind = 'Kustomization'): void {
    const { dice } = this;
    const version = kind === 'Component' ? 'v1alpha1' : 'v1beta1';
    const head =
      kind === 'Component' || dice.chance(0.6)
        ? { apiVersion: `kustomize.config.k8s.io/${version}`, kind }
        : {};
    this.files[`${directory}/kustomization.yaml`] = yamlText({ ...head, ...fields }, dice);
  }
}

function base(growing: Growing, directory: string, taken: Set<string>): readonly MadeObject[] {
  const { dice } = growing;
  const objects: MadeObject[] = [];
  for (let tries = 0; tries < 2 + dice.below(6) || objects.length === 0; tries += 1) {
    const object = makeObject(dice, taken);
    if (object === undefined) continue;
    taken.add(`${object.apiVersion} ${object.kind} ${object.name}`);
    objects.push(object);
  }
  const scene = growing.scene(directory, objects);
  const texts = objects.map(({ yaml }) => yamlText(yaml, dice));
  const resources = dice.chance(0.3)
    ? [scene.file('all', texts.join('---\n'))]
    : texts.map((text) => scene.file('object', text));
  growing.kustomization(directory, { resources, ...(dice.chance(0.5) ? someFields(scene) : {}) });
  return objects;
}

function component(growing: Growing, directory: string, objects: readonly MadeObject[]): void {
  const scene = growing.scene(directory, objects);
  const extra = growing.dice.chance(0.3) ? makeObject(growing.dice, new Set()) : undefined;
  const resources =
    extra === undefined ? {} : { resources: [scene.file('extra', yamlText(extra.yaml, growing.dice))] };
  growing.kustomization(directory, { ...resources, ...someFields(scene) }, 'Component');
}

/** Composes a tree: one or two bases, components, and one to three overlays, each on top of the one before. */
export function composeTree(dice: Dice): MadeTree {
  const growing = new Growing(dice);
  const taken = new Set<string>();
  const objects = several(dice, 2, (at) => base(growing, `base-${at}`, taken)).flat();
  let below = Object.keys(growing.files)
    .filter((path) => path.endsWith('/kustomization.yaml'))
    .map((path) => `../${path.split('/')[0] ?? ''}`);
  let root = 'base-0';
  for (let layer = 0; layer <= dice.below(3); layer += 1) {
    root = `over-${layer}`;
    const components = dice.chance(0.25) ? [`component-${layer}`] : [];
    for (const directory of components) component(growing, directory, objects);
    const listed =
      components.length === 0 ? {} : { components: components.map((directory) => `../${directory}`) };
    growing.kustomization(root, { resources: below, ...listed, ...someFields(growing.scene(root, objects)) });
    below = [`../${root}`];
  }
  return { files: growing.files, root, reorder: dice.chance(0.5) ? 'none' : 'legacy' };
}
