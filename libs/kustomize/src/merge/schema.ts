import type { Place } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import { openApiSchema } from './openapi.ts';
import { shapeTable, type ShapeData } from './schema-data.ts';

/** What a schema says about a value that a strategic merge patch may meet. */
export interface MergeShape {
  /** The keys that tell the items of a merging list apart, none for a list of plain values; undefined: no merging list. */
  readonly mergeKeys: readonly string[] | undefined;
  /** The shape of a field; undefined when the schema does not know it. */
  readonly field: (name: string) => MergeShape | undefined;
  /** The shape of the items of a list. */
  readonly item: () => MergeShape | undefined;
}

/** How the objects of a build merge. A list of a kind or a field that it does not know is replaced as a whole. */
export interface MergeSchema {
  /** The shape of an object by its `apiVersion` and `kind`. */
  readonly shapeOf: (apiVersion: string, kind: string) => MergeShape | undefined;
  /** Reads the file that it comes from, if that has not been done yet, and refuses one that cannot be used. */
  readonly load?: () => void;
}

const nothing: ShapeData = {};

class KnownShape implements MergeShape {
  readonly mergeKeys: readonly string[] | undefined;
  readonly #data: ShapeData;
  readonly #fields = new Map<string, MergeShape>();
  #item: MergeShape | undefined;

  constructor(data: ShapeData, mergeKeys?: readonly string[]) {
    this.#data = data;
    this.mergeKeys = mergeKeys;
  }

  readonly field = (name: string): MergeShape | undefined => {
    const known = this.#fields.get(name);
    // A mapping that stands where a list belongs is not one of its items.
    if (known || this.mergeKeys || !Object.hasOwn(this.#data, name)) return known;
    const { keys, of = nothing } = this.#data[name] ?? {};
    const shape = new KnownShape(of, keys);
    this.#fields.set(name, shape);
    return shape;
  };

  readonly item = (): MergeShape => {
    this.#item ??= new KnownShape(this.#data);
    return this.#item;
  };
}

const known: ReadonlyMap<string, MergeShape> = new Map(
  [...shapeTable].map(([type, data]) => [type, new KnownShape(data)]),
);

/**
 * The schema that kustomize carries: the OpenAPI data of Kubernetes 1.21.2 in both profiles. Custom resources and kinds
 * of later versions, `autoscaling/v2` among them, are not in it.
 */
export const builtInSchema: MergeSchema = {
  shapeOf: (apiVersion, kind) => known.get(`${apiVersion} ${kind}`),
};

/** Kustomize's own kinds stay whatever schema is chosen. */
const ownKinds: Beside = {
  shapeOf: (apiVersion, kind) =>
    apiVersion.startsWith('kustomize.config.k8s.io/') ? builtInSchema.shapeOf(apiVersion, kind) : undefined,
  named: () => undefined,
};

const builtInVersion = 'v1.21.2';

/** The field `openapi` of a kustomization and where its file is read. */
export interface SchemaSource {
  readonly place: Place;
  readonly readText: (path: string) => string;
  /** Whether kustomize has loaded its built-in schema already. */
  readonly isBuiltInLoaded: boolean;
}

/**
 * The schema that `openapi` asks for (kyaml openapi.SetSchema): a file of definitions takes the place of the built-in
 * ones; undefined when it asks for none. Refuses a version that is not built in, and a version beside a path.
 */
export function schemaFor(
  openapi: { readonly [field: string]: string },
  { place, readText, isBuiltInLoaded }: SchemaSource,
): MergeSchema | undefined {
  const { path, version } = openapi;
  const text = path === undefined ? undefined : readText(path);
  if (text !== undefined && version !== undefined)
    refuse({ ...place, message: 'openapi has a path and a version', fix: 'remove one of the two' });
  if (text !== undefined)
    return openApiSchema(
      text,
      { ...place, file: path ?? place.file },
      isBuiltInLoaded ? besideFile : ownKinds,
    );
  if (version === undefined || version === '') return undefined;
  if (version === builtInVersion) return builtInSchema;
  return refuse({
    ...place,
    message: `kustomize has no schema of version ${version}`,
    fix: `write ${builtInVersion}, the only one it has, or give a path`,
  });
}

/** Where the definitions that a file may refer to are in built-in kinds. */
const definitionPaths: Readonly<Record<string, readonly [kind: string, ...path: readonly string[]]>> = {
  'io.k8s.api.core.v1.PodTemplateSpec': ['PodTemplate', 'template'],
  'io.k8s.api.core.v1.PodSpec': ['Pod', 'spec'],
  'io.k8s.api.core.v1.Container': ['Pod', 'spec', 'containers', '[]'],
  'io.k8s.api.core.v1.EphemeralContainer': ['Pod', 'spec', 'ephemeralContainers', '[]'],
  'io.k8s.api.core.v1.Volume': ['Pod', 'spec', 'volumes', '[]'],
  'io.k8s.api.core.v1.ServiceSpec': ['Service', 'spec'],
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': ['Pod', 'metadata'],
};

function builtInDefinition(name: string): MergeShape | undefined {
  const [kind, ...path] = Object.hasOwn(definitionPaths, name) ? (definitionPaths[name] ?? []) : [];
  if (kind === undefined) return undefined;
  return path.reduce<MergeShape | undefined>(
    (shape, step) => (step === '[]' ? shape?.item() : shape?.field(step)),
    builtInSchema.shapeOf('v1', kind),
  );
}

/**
 * What the built-in schema adds to a file that is chosen late: when kustomize has loaded it before, its definitions stay
 * and win over those of the file that have the same names (kyaml openapi.go initSchema).
 */
export interface Beside {
  readonly shapeOf: MergeSchema['shapeOf'];
  /** The shape of a definition by its name. */
  readonly named: (definition: string) => MergeShape | undefined;
}

const besideFile: Beside = { shapeOf: builtInSchema.shapeOf, named: builtInDefinition };
