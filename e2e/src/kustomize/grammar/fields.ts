import { commonFields } from './common-fields.ts';
import { configurationFields } from './configurations.ts';
import { generators } from './generators.ts';
import { olderPatches, patchEntry } from './patches.ts';
import { pluginFields } from './plugins.ts';
import { replacements, vars } from './replacements.ts';
import type { Scene } from './scene.ts';
import { several } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

const patches = (scene: Scene): YamlMap => ({ patches: several(scene.dice, 3, () => patchEntry(scene)) });

const fields: readonly ((scene: Scene) => YamlMap)[] = [
  ...commonFields,
  ...commonFields.slice(0, 4),
  ...configurationFields,
  ...pluginFields,
  pluginFields[0] ?? patches,
  patches,
  patches,
  patches,
  olderPatches,
  olderPatches,
  generators,
  generators,
  replacements,
  replacements,
  vars,
];

/** A field of a kustomization or two that belong together, with the files that they name. */
export function someField(scene: Scene): YamlMap {
  return scene.dice.pick(fields)(scene);
}
