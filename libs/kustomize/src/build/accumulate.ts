import { configFromCrds } from '../config/crds.ts';
import {
  defaultConfig,
  mergeConfigs,
  mergingLooks,
  noConfig,
  readTransformerConfig,
  type TransformerConfig,
} from '../config/transformer-config.ts';
import { schemaFor } from '../merge/schema.ts';
import { refuse } from '../refusal.ts';
import type { OriginNote } from '../resources/resource.ts';
import { varOf, withVarSources } from '../transforms/vars.ts';
import { Accumulation } from './accumulation.ts';
import type { Building } from './building.ts';
import { resourcesIn } from './documents.ts';
import { generatorsOf, type Generator } from './generators.ts';
import { isKustomization, parseKustomization, type Kustomization } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { originBelow, withOrigin, withTransformation } from './notes.ts';
import type { Place } from './step.ts';
import { withKeptSources } from './kept-sources.ts';
import { keptOrAccumulated } from './kept-bases.ts';
import { runPerObject } from './kept-steps.ts';
import type { Listed, Target } from './target.ts';
import { laterTransformersOf, perObjectTransformersOf, type Transformer } from './transformers.ts';
import { checkValidators } from './validators.ts';

/** Reads the kustomization that is built; origins are kept track of when it has `buildMetadata`. */
export function openRoot(building: Building, loader: Loader): Target {
  return openTarget(building, loader, {
    originOf: ({ fields }) => ((fields.buildMetadata ?? []).length > 0 ? {} : undefined),
  });
}

interface Opening {
  readonly originOf: (kustomization: Kustomization) => OriginNote | undefined;
  /** Where another kustomization names this one. */
  readonly namedAt?: Place;
}

/** Reads the one kustomization of a directory. */
function openTarget(building: Building, loader: Loader, { originOf, namedAt }: Opening): Target {
  const name = nameOfKustomization(building, loader, namedAt);
  const file = loader.root === '' ? name : `${loader.root}/${name}`;
  const kustomization = building.cache.parsed(
    `kustomization-${building.profile}`,
    { tree: building.tree, path: file },
    () => parseKustomization(loader.text(name, { file }), { file, name, profile: building.profile }),
  );
  building.enter(kustomization, loader);
  building.warnings.push(...kustomization.deprecated);
  const target: Target = {
    building,
    loader,
    kustomization,
    origin: originOf(kustomization),
    load: (listed) => {
      const accumulation = new Accumulation();
      addResources(target, accumulation, listed);
      return accumulation.resources;
    },
  };
  return target;
}

/** The name of the one file that makes a directory a kustomization. */
function nameOfKustomization({ tree }: Building, loader: Loader, namedAt: Place | undefined): string {
  const directory = loader.root === '' ? '.' : loader.root;
  const where = tree.shown(directory);
  const place = namedAt ?? { file: directory };
  const names = loader.names().filter(isKustomization);
  const [name] = names;
  if (names.length > 1)
    refuse({ ...place, message: `${where} has ${names.join(' and ')}`, fix: 'keep one of them' });
  if (name !== undefined) return name;
  if (tree.list(loader.root) !== undefined)
    refuse({
      ...place,
      message: `${where} has no kustomization.yaml`,
      fix: `add ${where}/kustomization.yaml, or name a directory that has one`,
    });
  const isFile = tree.readFile(loader.root) !== undefined;
  return refuse({
    ...place,
    message: isFile ? `${where} is a file` : `${where} does not exist`,
    fix: 'name the directory of a kustomization',
  });
}

/**
 * Everything that a target gives before names and vars are settled, in kustomize's order (kusttarget.go,
 * accumulateTarget). A component works on what its parent has accumulated.
 */
export function accumulate(target: Target, parent?: Accumulation): Accumulation {
  const { fields, at } = target.kustomization;
  const accumulation = parent ?? new Accumulation();
  addResources(target, accumulation, {
    field: 'resources',
    entries: [...(fields.resources ?? []).entries()],
  });
  addResources(target, accumulation, { field: 'bases', entries: [...(fields.bases ?? []).entries()] });
  configure(target, accumulation);
  for (const generator of generatorsOf(target)) absorbMade(target, accumulation, generator);
  for (const [index, path] of (fields.components ?? []).entries())
    addBase(target, accumulation, { path, place: at('components', index), asComponent: true });
  const later = laterTransformersOf(target);
  const apply = (transformer: Transformer): void => applyTransformer(target, accumulation, transformer);
  const { config } = accumulation;
  runPerObject({
    target,
    accumulation,
    transformersOf: () => perObjectTransformersOf(target, config),
    apply,
  });
  later.forEach(apply);
  checkValidators(target, accumulation.resources);
  const vars = (fields.vars ?? []).map((each, index) => varOf(each, at('vars', index)));
  accumulation.transform((resources) => withVarSources(resources, vars));
  accumulation.addVars(vars);
  return accumulation;
}

function absorbMade({ building, loader }: Target, accumulation: Accumulation, generator: Generator): void {
  const { run, kind, by, place } = generator;
  const source = `${kind} ${loader.way} ${place.field ?? ''}`;
  const before = building.provenance ? [...accumulation.resources] : [];
  const all = withOrigin(withKeptSources(building.cache, source, run()), by);
  for (const made of all) accumulation.absorb(made, place, building.profile);
  building.provenance?.noteStep(before, accumulation.resources, { by: kind, place });
}

/** Lets a transformer of a target change what is accumulated, and tells of it who wants to know. */
export function applyTransformer(
  { building }: Target,
  accumulation: Accumulation,
  { run, kind, by, place }: Transformer,
): void {
  accumulation.transform((resources) => {
    building.visit(resources.length, place);
    const after = run(resources);
    building.provenance?.noteStep(resources, after, { by: kind, place });
    return withTransformation(after, by);
  });
}

/** Each entry is a file with objects or a directory with a kustomization. */
function addResources(target: Target, accumulation: Accumulation, { field, entries }: Listed): void {
  for (const [index, path] of entries) {
    const place = target.kustomization.at(field, index);
    target.building.countFile(place);
    if (target.loader.isDirectory(path, place))
      addBase(target, accumulation, { path, place, asComponent: false });
    else addFile(target, accumulation, { path, place });
    target.building.checkSize(accumulation.resources, place);
  }
}

function addFile(
  { building, loader, origin }: Target,
  accumulation: Accumulation,
  { path, place }: { readonly path: string; readonly place: Place },
): void {
  const full = loader.resolve(path, place);
  loader.checkFile(path, place);
  const resources = building.cache.parsed('resources', { tree: building.tree, path: full }, () =>
    withKeptSources(building.cache, full, resourcesIn(loader.text(path, place), full)),
  );
  building.noteKinds(resources);
  accumulation.append(withOrigin(resources, origin && originBelow(origin, path)));
}

interface Base {
  readonly path: string;
  readonly place: Place;
  readonly asComponent: boolean;
}

function addBase(target: Target, accumulation: Accumulation, { path, place, asComponent }: Base): void {
  const { building, loader, origin } = target;
  const below = loader.base(path, place);
  const open = (): Target => {
    const base = openTarget(building, below, {
      originOf: () => origin && originBelow(origin, path),
      namedAt: place,
    });
    chooseSchema(base);
    if (base.kustomization.isComponent !== asComponent) refuseRole(base.kustomization, asComponent);
    return base;
  };
  if (asComponent) {
    accumulate(open(), accumulation);
    building.look(mergingLooks(noConfig, accumulation.config), place);
    accumulation.settle(place);
    return;
  }
  const base = origin ? accumulate(open()) : keptOrAccumulated(building, below, () => accumulate(open()));
  building.look(mergingLooks(accumulation.config, base.config), place);
  // Patches may have made objects of kinds that no file has.
  building.noteKinds(base.resources);
  accumulation.merge(base, place);
}

/** The first kustomization that asks for a schema chooses it for the whole build (kyaml openapi.SetSchema). */
export function chooseSchema({ building, loader, kustomization }: Target): void {
  const { openapi } = kustomization.fields;
  if (!openapi) return;
  const place = kustomization.at('openapi');
  // The file must be there, whether it is used or not.
  if (openapi['path'] !== undefined) loader.content(openapi['path'], place);
  if (building.isSchemaChosen) return;
  const chosen = schemaFor(openapi, {
    place,
    readText: (path) => loader.text(path, place),
    isBuiltInLoaded: building.isBuiltInLoaded,
  });
  if (!chosen) return;
  building.schema = chosen;
  building.isSchemaChosen = true;
}

function refuseRole({ file, at }: Kustomization, asComponent: boolean): never {
  refuse(
    asComponent
      ? {
          ...at('kind'),
          file,
          message: 'a Kustomization is listed under components',
          fix: 'list it under resources, or make it kind: Component',
        }
      : {
          ...at('kind'),
          file,
          message: 'a Component is listed under resources or built by itself',
          fix: 'list it under components',
        },
  );
}

function configure({ building, loader, kustomization }: Target, accumulation: Accumulation): void {
  const { configurations = [], crds = [] } = kustomization.fields;
  const { at } = kustomization;
  const { cache, tree, profile } = building;
  /** Once for each state of the file. */
  const readOnce = (path: string, place: Place, { kind, read }: ConfigReader): TransformerConfig => {
    const full = loader.resolve(path, place);
    loader.checkFile(path, place);
    return cache.parsed(kind, { tree, path: full }, () => read(loader.text(path, place), full));
  };
  const written = {
    kind: `transformer-config-${profile}`,
    read: (text: string, file: string) => readTransformerConfig(text, file, profile),
  };
  // Upstream merges the files first: what the defaults have already may still contradict another file.
  let own = noConfig;
  for (const [index, path] of configurations.entries()) {
    const place = at('configurations', index);
    const read = readOnce(path, place, written);
    building.look(mergingLooks(own, read), place);
    own = mergeConfigs(own, read, place);
  }
  const place = at('configurations');
  const ownDefaults = defaultConfig(profile);
  building.look(mergingLooks(ownDefaults, own), place);
  own = mergeConfigs(ownDefaults, own, place);
  building.look(mergingLooks(accumulation.config, own), place);
  accumulation.configure(own, place);
  for (const [index, path] of crds.entries()) {
    const place = at('crds', index);
    accumulation.configure(readOnce(path, place, definitions), place);
  }
}

interface ConfigReader {
  readonly kind: string;
  readonly read: (text: string, file: string) => TransformerConfig;
}

const definitions: ConfigReader = { kind: 'definitions', read: configFromCrds };
