import type { Json } from '../json.ts';

/**
 * The type of a value, read once from OpenAPI (and, for built-in kinds, from the Go types) and shared by everything that
 * works by type: decoding, apply, strategic merge patch, pruning and defaulting. Nodes may be cyclic (JSONSchemaProps).
 */
export type Schema = ScalarSchema | ListSchema | MapSchema | ObjectSchema | AnySchema;

/** A leaf. */
export interface ScalarSchema {
  readonly kind: 'scalar';
  readonly type: ScalarType;
}

/** Leaf types; `time`, `micro-time`, `quantity`, `bytes` and `duration` are strings on the wire with a syntax of their own. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'time'
  | 'micro-time'
  | 'duration'
  | 'quantity'
  | 'int-or-string'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'number'
  | 'boolean';

/** A list. How apply merges it is `listType`; how a strategic merge patch does is `patch`. */
export interface ListSchema {
  readonly kind: 'list';
  readonly item: Schema;
  readonly listType: 'atomic' | 'set' | 'map';
  /** For `map` lists: the members that identify an item. */
  readonly mapKeys: readonly string[];
}

/** A map from any name to values of one type, such as labels. */
export interface MapSchema {
  readonly kind: 'map';
  readonly value: Schema;
  /** Owned and merged as a whole. */
  readonly atomic: boolean;
}

/** An object with named fields. */
export interface ObjectSchema {
  readonly kind: 'object';
  /** The Go type, `Container`, or the title of a custom kind; error messages name it. */
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** Owned and merged as a whole (`x-kubernetes-map-type: atomic`). */
  readonly atomic: boolean;
  /** Unknown fields are kept (`x-kubernetes-preserve-unknown-fields`). */
  readonly keepsUnknown: boolean;
  /** Type of the fields that are not named, when the schema says one (`additionalProperties` beside `properties`). */
  readonly others?: Schema;
}

/** Anything at all: RawExtension, JSON, schemaless fields. Apply deduces maps (granular) and lists (atomic) from the value. */
export interface AnySchema {
  readonly kind: 'any';
  /** What Go reads by code of its own that OpenAPI says nothing of: an object of a type, or else something that is none. */
  readonly mixed?: MixedSchema;
}

/** An object of a type, or else a list of such objects, a truth, or a list of texts. */
export interface MixedSchema {
  readonly object: Schema;
  readonly or: 'list' | 'boolean' | 'texts';
}

/** A field of an object. */
export interface FieldSchema {
  readonly schema: Schema;
  /** The default in the OpenAPI schema, which apply uses for missing list-map keys (`protocol: TCP`). */
  readonly default?: Json;
  readonly nullable: boolean;
  /** Strategic merge patch: `x-kubernetes-patch-strategy` split at commas, and `x-kubernetes-patch-merge-key`. */
  readonly patch: { readonly strategies: readonly string[]; readonly mergeKey?: string };
  /** How Go writes the field, which decides what a client reads back; absent for custom kinds. */
  readonly go?: GoField;
}

/** Facts of a Go struct field. */
export interface GoField {
  /** When the field is left out on writing: Go's `omitempty` (false, 0, '', nil, empty list or map), `omitzero`, or never. */
  readonly omit: 'empty' | 'zero' | 'never';
  /** What the field's type is, as Go's package reflect names it: `ptr` keeps the difference between absent and zero. */
  readonly kind: string;
  /** The Go type as its errors write it: `int32`, `v1.DeploymentSpec`, `[]v1.Container`. */
  readonly type: string;
  /** The struct inside of this one that has the field, when it is not this one itself: `VolumeSource`. */
  readonly embedded?: string;
}
