import { mergeConfigs, noConfig, type TransformerConfig } from '../config/transformer-config.ts';
import { refuse } from '../refusal.ts';
import { idKey, idText } from '../resources/id.ts';
import { allIdsOf, idOf, type Resource } from '../resources/resource.ts';
import type { Var } from '../transforms/vars.ts';
import { absorbed } from './absorb.ts';
import type { Place, Profile, Resources } from './step.ts';

/** The resources of one target while it is built, the configuration of its transformers and its vars. */
export class Accumulation {
  #resources: Resource[] = [];
  #keys: Set<string> | undefined = new Set();
  /** Resources by the keys of all ids that they have or had; made when a generator looks for its object. */
  #byAnyKey: Map<string, Resource[]> | undefined;
  /** The resources when they were found to be distinct. */
  #distinct: Resources | undefined;
  #config: TransformerConfig = noConfig;
  readonly vars = new Map<string, Var>();

  /** The resources in their order. */
  get resources(): Resources {
    return this.#resources;
  }

  /** Whether no two resources have one id; found out once, as all overlays above a base want to know. */
  get isDistinct(): boolean {
    if (this.#distinct !== this.#resources)
      this.#distinct = keysOf(this.#resources).size === this.#resources.length ? this.#resources : undefined;
    return this.#distinct !== undefined;
  }

  /** How its transformers work. */
  get config(): TransformerConfig {
    return this.#config;
  }

  /** Adds to the configuration of transformers; what contradicts is refused. */
  configure(config: TransformerConfig, place: Place): void {
    this.#config = mergeConfigs(this.#config, config, place);
  }

  /** Adds resources; one whose id is there already is refused, because nobody could tell which of the two is meant. */
  append(added: Resources): void {
    const keys = (this.#keys ??= keysOf(this.#resources));
    for (const resource of added) {
      const key = idKey(idOf(resource));
      if (keys.has(key)) this.#refuseDuplicate(resource, key);
      keys.add(key);
      this.#resources.push(resource);
      if (this.#byAnyKey) noteIds(this.#byAnyKey, resource);
    }
  }

  /** Adds a generated object, or lets it replace or complete the one it is meant for. */
  absorb(made: Resource, place: Place, profile: Profile): void {
    const key = idKey(idOf(made));
    const matches = this.#withId(key);
    const [old] = matches;
    const isAdded = made.behavior !== 'merge' && made.behavior !== 'replace';
    if (isAdded && !old) return this.append([made]);
    if (!old || matches.length > 1 || isAdded) refuseMeeting(made, { matches, place });
    const next = absorbed(made, old, profile);
    // It may have been of this kind once.
    if (idKey(idOf(next)) !== idKey(idOf(old))) refuseMeeting(made, { matches: [], place });
    this.#replace(old, next);
  }

  /** In place, as thousands of generators may each have an object to complete. */
  #replace(old: Resource, next: Resource): void {
    this.#resources[this.#resources.indexOf(old)] = next;
    this.#distinct = undefined;
    this.#keys?.delete(idKey(idOf(old)));
    this.#keys?.add(idKey(idOf(next)));
    if (!this.#byAnyKey) return;
    for (const key of new Set(allIdsOf(old).map(idKey)))
      this.#byAnyKey.set(
        key,
        (this.#byAnyKey.get(key) ?? []).filter((each) => each !== old),
      );
    noteIds(this.#byAnyKey, next);
  }

  #withId(key: string): Resources {
    if (!this.#byAnyKey) {
      this.#byAnyKey = new Map();
      for (const resource of this.#resources) noteIds(this.#byAnyKey, resource);
    }
    return this.#byAnyKey.get(key) ?? [];
  }

  /** Takes over everything that a base has accumulated. */
  merge(base: Accumulation, place: Place): void {
    if (this.#resources.length === 0 && base.isDistinct) {
      this.#resources = [...base.resources];
      this.#keys = undefined;
      this.#byAnyKey = undefined;
    } else this.append(base.resources);
    this.configure(base.config, place);
    this.addVars([...base.vars.values()]);
  }

  /**
   * What kustomize does behind every component: it puts everything into a new accumulation, where two resources of one id
   * are refused and a spec for one kind keeps out a later one of the same path for any kind.
   */
  settle(place: Place): void {
    const resources = this.#resources;
    this.#resources = [];
    this.#keys = undefined;
    this.#byAnyKey = undefined;
    this.append(resources);
    this.#config = mergeConfigs(noConfig, this.#config, place);
  }

  /** Adds vars; a name that is taken is refused. */
  addVars(vars: readonly Var[]): void {
    for (const each of vars) {
      if (this.vars.has(each.name))
        refuse({
          ...each.place,
          message: `the var ${each.name} is there twice`,
          fix: 'rename one of the two',
        });
      this.vars.set(each.name, each);
    }
  }

  /** Lets a step change the resources; what it leaves without any field is dropped. */
  transform(step: (resources: Resources) => Resources): void {
    const after = step(this.#resources);
    if (after === this.#resources) return;
    this.#resources = after.some(isEmpty) ? after.filter((each) => !isEmpty(each)) : [...after];
    this.#keys = undefined;
    this.#byAnyKey = undefined;
  }

  #refuseDuplicate(resource: Resource, key: string): never {
    const first = this.#resources.find((each) => idKey(idOf(each)) === key);
    const place = first ? `${first.origin.file}:${first.origin.line}` : 'another file';
    refuse({
      ...resource.origin,
      message: `${idText(idOf(resource))} is there twice, first in ${place}`,
      fix: 'remove one of the two, or patch the first',
    });
  }
}

function noteIds(byAnyKey: Map<string, Resource[]>, resource: Resource): void {
  for (const key of new Set(allIdsOf(resource).map(idKey))) {
    const known = byAnyKey.get(key);
    if (known) known.push(resource);
    else byAnyKey.set(key, [resource]);
  }
}

function isEmpty({ fields }: Resource): boolean {
  // Asked of every resource after every step: a list of all keys costs more.
  for (const key in fields) if (Object.hasOwn(fields, key)) return false;
  return true;
}

function keysOf(resources: Resources): Set<string> {
  return new Set(resources.map((each) => idKey(idOf(each))));
}

function refuseMeeting(
  made: Resource,
  { matches, place }: { readonly matches: Resources; readonly place: Place },
): never {
  const name = idText(idOf(made));
  if (matches.length > 1)
    refuse({ ...place, message: `${name} fits ${matches.length} objects`, fix: 'use distinct names' });
  if (matches.length === 1)
    refuse({ ...place, message: `${name} exists already`, fix: 'set behavior to merge or replace' });
  refuse({
    ...place,
    message: `${name} does not exist, so there is nothing to ${made.behavior}`,
    fix: 'set behavior to create',
  });
}
