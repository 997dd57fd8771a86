import type { Resources } from '../build/step.ts';
import { effectiveNamespace, noNamespace } from '../resources/id.ts';
import { idOf, originalIdOf, type Resource } from '../resources/resource.ts';
import { isClusterScoped } from '../resources/scope.ts';

/** Where an object is now: its namespace as it is written, or the word for the place outside of all namespaces. */
export function placeOf(resource: Resource): string {
  const id = idOf(resource);
  return isClusterScoped(id) ? noNamespace : id.namespace;
}

/** The objects of a build by the names that they had before, so that a reference finds those that it may mean. */
export class ReferenceIndex {
  /** Positions of objects by a past name and then by their present place. */
  readonly #positions = new Map<string, Map<string, number[]>>();
  /** Present places of objects by the namespace that they were loaded with. */
  readonly #moved = new Map<string, Set<string>>();
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
    for (const [index, resource] of resources.entries()) {
      const namespace = placeOf(resource);
      const original = effectiveNamespace(originalIdOf(resource));
      let moved = this.#moved.get(original);
      if (!moved) {
        moved = new Set<string>();
        this.#moved.set(original, moved);
      }
      moved.add(namespace);
      for (const { name } of resource.past) this.#add(name, namespace, index);
    }
  }

  #add(name: string, namespace: string, index: number): void {
    let byNamespace = this.#positions.get(name);
    if (!byNamespace) {
      byNamespace = new Map<string, number[]>();
      this.#positions.set(name, byNamespace);
    }
    const indexes = byNamespace.get(namespace);
    // Most objects keep the same name through some of the steps that could change it.
    if (indexes?.at(-1) === index) return;
    if (indexes) indexes.push(index);
    else byNamespace.set(namespace, [index]);
  }

  /** Objects that had a name and are in reach, in the order of the build. */
  named(name: string, reach: Reach): Resources {
    const byNamespace = this.#positions.get(name);
    if (!byNamespace) return [];
    const indexes =
      reach === 'everything' ? [...byNamespace.values()].flat() : positionsIn(byNamespace, reach);
    if (indexes.length > 1) indexes.sort((left, right) => left - right);
    return indexes.flatMap((index) => this.#resources[index] ?? []);
  }

  /** Whether an object in reach was loaded with a namespace. */
  hasOriginalNamespace(namespace: string, reach: Reach): boolean {
    if (namespace === noNamespace) return false;
    const now = this.#moved.get(namespace);
    if (!now) return false;
    return reach === 'everything' || [...reach].some((each) => now.has(each));
  }
}

/** The places in which an object may name others; one outside of namespaces may name everything. */
export type Reach = 'everything' | ReadonlySet<string>;

function positionsIn(
  byNamespace: ReadonlyMap<string, readonly number[]>,
  reach: ReadonlySet<string>,
): number[] {
  return [...reach].flatMap((namespace) => byNamespace.get(namespace) ?? []);
}

/** Whether an object was loaded with a namespace. */
export function wasIn(resource: Resource, namespace: string): boolean {
  return namespace !== noNamespace && effectiveNamespace(originalIdOf(resource)) === namespace;
}

/** Whether an object is in a namespace now. */
export function isIn(resource: Resource, namespace: string): boolean {
  return namespace !== noNamespace && effectiveNamespace(idOf(resource)) === namespace;
}
