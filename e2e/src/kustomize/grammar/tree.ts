import type { Profile } from '@meridian/kustomize';
import type { Dice } from '../../kube/dice.ts';
import type { MadeTree } from '../made-tree.ts';
import { Growing } from './growing.ts';
import { makeObject } from './objects.ts';
import { resourceFiles } from './resource-files.ts';
import { several } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

/** Composes a tree: one or two bases, components, and one to three overlays, each on top of the one before. */
export function composeTree(dice: Dice, profile: Profile): MadeTree {
  const growing = new Growing(dice, profile);
  const taken = new Set<string>();
  let below = several(dice, 2, (at) => base(growing, `base-${at}`, taken));
  let root = '';
  for (let layer = 0; layer <= dice.below(3); layer += 1) {
    root = `over-${layer}`;
    const components = dice.chance(0.25) ? several(dice, 2, (at) => `component-${layer}${at}`) : [];
    for (const directory of components) component(growing, directory, below);
    const listed = dice.chance(0.95) ? 'resources' : 'bases';
    const start: YamlMap = {
      [listed]: below,
      ...(components.length > 0 ? { components: components.map((each) => `../${each}`) } : {}),
    };
    growing.grow({ directory: root, kind: 'Kustomization', start, most: 5 });
    growing.see(root);
    below = [`../${root}`];
  }
  return { files: growing.files, root, reorder: dice.chance(0.5) ? 'none' : 'legacy' };
}

function base(growing: Growing, directory: string, taken: Set<string>): string {
  const { dice } = growing;
  const empty = growing.files;
  for (let tries = 0; tries < 5; tries += 1) {
    growing.files = empty;
    const start = { resources: resources(growing, directory, taken) };
    growing.grow({ directory, kind: 'Kustomization', start, most: 0 });
    if (growing.see(directory) || dice.chance(0.03)) {
      growing.grow({ directory, kind: 'Kustomization', start, most: dice.pick([0, 2, 4]) });
      growing.see(directory);
      break;
    }
  }
  return `../${directory}`;
}

function resources(growing: Growing, directory: string, taken: Set<string>): readonly string[] {
  const { dice } = growing;
  const objects: YamlMap[] = [];
  for (let tries = 0; tries < 2 + dice.below(6) || objects.length === 0; tries += 1) {
    const object = makeObject(dice, taken);
    if (object === undefined) continue;
    taken.add(`${object.apiVersion} ${object.kind} ${object.name}`);
    objects.push(object.yaml);
  }
  return resourceFiles(dice, objects).map((text) => growing.file(directory, 'object', text));
}

function component(growing: Growing, directory: string, below: readonly string[]): void {
  const { dice } = growing;
  const extra = dice.chance(0.3) ? makeObject(dice, new Set()) : undefined;
  const start: YamlMap =
    extra === undefined
      ? {}
      : {
          resources: resourceFiles(dice, [extra.yaml]).map((text) => growing.file(directory, 'extra', text)),
        };
  growing.grow({ directory, kind: 'Component', start, below, most: 4 });
}
