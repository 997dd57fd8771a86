import { BuildCache, buildKustomization, treeOf, type FileTree, type Profile } from '@meridian/kustomize';
import type { Dice } from '../../kube/dice.ts';
import { someField } from './fields.ts';
import { seenIn, unseen, type Scene, type SeenObject } from './scene.ts';
import { yamlText, type Yaml, type YamlMap } from './yaml.ts';

/** A directory with a kustomization under way. */
export interface Layer {
  readonly directory: string;
  readonly kind: 'Kustomization' | 'Component';
  /** What it starts with: its resources and components. */
  readonly start: YamlMap;
  /** The directories under a component, to try it on. */
  readonly below?: readonly string[];
  /** How many fields are tried. */
  readonly most: number;
}

/**
 * A tree of kustomizations under way. A field that the engine takes stays; one that it refuses is most often let go, so
 * that most trees are built and a part of them is refused.
 */
export class Growing {
  readonly dice: Dice;
  readonly profile: Profile;
  files: { readonly [path: string]: string };
  objects: readonly SeenObject[] = [];
  readonly #cache = new BuildCache();
  #isFlawed = false;
  #made = 0;

  constructor(dice: Dice, profile: Profile, files: { readonly [path: string]: string } = {}) {
    this.dice = dice;
    this.profile = profile;
    this.files = files;
  }

  /** Writes a file whose name no other has. */
  file(directory: string, stem: string, text: string): string {
    const end = /^(?:data|vars)/.test(stem) ? 'txt' : 'yaml';
    this.#made += 1;
    const name = `${stem}-${this.#made}.${end}`;
    this.files = { ...this.files, [`${directory}/${name}`]: text };
    return name;
  }

  /** Gives a layer its fields, one after the other, and remembers the objects that it makes. */
  grow(layer: Layer): void {
    const { dice } = this;
    const { directory } = layer;
    const name = this.#nameIn(directory);
    const write = (fields: YamlMap): void => {
      const text = yamlText({ ...this.#head(layer), ...fields }, dice);
      this.files = { ...this.files, [`${directory}/${name}`]: text };
    };
    const scene: Scene = {
      dice,
      profile: this.profile,
      objects: this.objects.length === 0 ? [unseen] : this.objects,
      file: (stem, text) => this.file(directory, stem, text),
    };
    let fields = layer.start;
    write(fields);
    for (let left = layer.most === 0 ? 0 : 1 + dice.below(layer.most); left > 0; left -= 1) {
      const before = this.files;
      const more = joined(fields, someField(scene));
      write(more);
      if (this.#takes(layer)) fields = more;
      else this.files = before;
    }
  }

  /** Remembers the objects that a directory makes; those of the layers below are still known by their older names. */
  see(directory: string): boolean {
    const objects = this.#objectsOf(this.files, directory);
    if (!objects) return false;
    const known = new Set(this.objects.map(keyOf));
    this.objects = [...this.objects, ...objects.filter((object) => !known.has(keyOf(object)))];
    return true;
  }

  /** What the kustomization of a directory is called. */
  #nameIn(directory: string): string {
    const called = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
    const there = called.find((name) => Object.hasOwn(this.files, `${directory}/${name}`));
    return there ?? (this.dice.chance(0.92) ? 'kustomization.yaml' : this.dice.pick(called));
  }

  #takes({ directory, kind, below = [] }: Layer): boolean {
    if (this.#isFlawed) return true;
    const trial: YamlMap = { resources: below, components: [`../${directory}`] };
    const objects =
      kind === 'Component'
        ? this.#objectsOf({ ...this.files, 'trial/kustomization.yaml': yamlText(trial, this.dice) }, 'trial')
        : this.#objectsOf(this.files, directory);
    if (objects) return true;
    this.#isFlawed = this.dice.chance(0.1);
    return this.#isFlawed;
  }

  #objectsOf(
    files: { readonly [path: string]: string },
    directory: string,
  ): readonly SeenObject[] | undefined {
    try {
      const built = buildKustomization(identified(files), directory, {
        profile: this.profile,
        cache: this.#cache,
      });
      return 'objects' in built ? seenIn(built.objects) : undefined;
    } catch {
      // A crash is to be found by the comparison.
      return [];
    }
  }

  #head({ kind }: Layer): YamlMap {
    const { dice } = this;
    const version = kind === 'Component' ? 'v1alpha1' : 'v1beta1';
    if (kind === 'Kustomization' && dice.chance(0.4)) return {};
    const metadata = dice.chance(0.1)
      ? { metadata: { name: 'layer', ...(dice.chance(0.5) ? { labels: { a: 'b' } } : {}) } }
      : {};
    return { apiVersion: `kustomize.config.k8s.io/${version}`, kind, ...metadata };
  }
}

/** A tree in which everything has an identity, so that trials share what they read. */
function identified(files: { readonly [path: string]: string }): FileTree {
  const tree = treeOf(files);
  return { ...tree, identity: (path) => files[path] ?? JSON.stringify(tree.list(path)) };
}

function keyOf({ apiVersion, kind, namespace = '', name }: SeenObject): string {
  return [apiVersion, kind, namespace, name].join(' ');
}

/** Two sets of fields: lists are joined, other fields take the place of the earlier ones. */
function joined(fields: YamlMap, more: YamlMap): YamlMap {
  const all: { [key: string]: Yaml } = { ...fields };
  for (const [key, value] of Object.entries(more)) {
    const before = all[key];
    all[key] = isList(before) && isList(value) ? [...before, ...value] : value;
  }
  return all;
}

function isList(value: Yaml | undefined): value is readonly Yaml[] {
  return Array.isArray(value);
}
