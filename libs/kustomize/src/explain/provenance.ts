import type { Place, Resources } from '../build/step.ts';
import type { Resource } from '../resources/resource.ts';
import type { FileTree } from '../tree.ts';
import type { Fields } from '../values/value.ts';

/** What made a version of an object: a file that is read, or an entry of a kustomization. */
export interface Source extends Place {
  /** Kind of the generator or transformer; undefined for what a file of objects says. */
  readonly by?: string;
  /** Files that the entry has read, such as its patch. */
  readonly reads?: readonly string[];
}

/** An object after one step of a build, and before it. */
export interface Version {
  readonly fields: Fields;
  readonly source: Source;
  readonly before?: Version;
}

/**
 * Notes which step of a build made which version of an object. Objects never change and a step that leaves one alone gives
 * the same, so noting costs a look at each object; what changed in a version is found when somebody asks.
 */
export class Provenance {
  readonly #versions = new WeakMap<Fields, Version>();
  readonly #reads = new WeakMap<Place, string[]>();
  #tree: FileTree | undefined;
  #resources: Resources = [];

  /** Notes that the step of an entry has read a file. */
  noteRead(place: Place, file: string): void {
    const reads = this.#reads.get(place);
    if (reads?.includes(file) === true) return;
    if (reads) reads.push(file);
    else this.#reads.set(place, [file]);
  }

  /** Notes what a step made of the objects. `place` is the one that the step was made with. */
  noteStep(before: Resources, after: Resources, { by, place }: { by: string; place: Place }): void {
    if (before === after) return;
    const source = { ...place, by, reads: this.#reads.get(place) ?? [] };
    for (const [resource, old] of pairsOf(before, after)) {
      if (old?.fields === resource.fields) continue;
      const version = { fields: resource.fields, source };
      this.#versions.set(resource.fields, old ? { ...version, before: this.versionOf(old) } : version);
    }
  }

  /** Notes how the build ended. */
  finish(tree: FileTree, resources: Resources): void {
    this.#tree = tree;
    this.#resources = resources;
  }

  /** The objects in their order; none before the build has ended well. */
  get resources(): Resources {
    return this.#resources;
  }

  /** Text of a file of the build. */
  textOf(file: string): string | undefined {
    return this.#tree?.readFile(file);
  }

  /** The present version of an object; what no step has touched is as its file says. */
  versionOf({ fields, origin }: Resource): Version {
    return this.#versions.get(fields) ?? { fields, source: origin };
  }
}

/**
 * Each object with what it was before. Steps keep the order, and objects their origin; they may take some away and put new
 * ones behind.
 */
function pairsOf(
  before: Resources,
  after: Resources,
): readonly (readonly [Resource, Resource | undefined])[] {
  let next = 0;
  return after.map((resource) => {
    for (let index = next; index < before.length; index += 1) {
      const old = before[index];
      if (old?.origin !== resource.origin) continue;
      next = index + 1;
      return [resource, old];
    }
    return [resource, undefined];
  });
}
