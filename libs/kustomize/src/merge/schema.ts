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
    if (known || !Object.hasOwn(this.#data, name)) return known;
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
