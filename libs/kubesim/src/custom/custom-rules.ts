import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Decoded } from '../schema/decode.ts';
import type { Schema } from '../schema/schema.ts';
import type { ScalePaths } from './values/scale-errors.ts';

/** What the definition of a custom kind says that Go types say of built-in kinds; part of the rules of such a kind. */
export interface CustomRules {
  /** Reads an object of the version of the request: what its schema does not name goes, metadata is held to its Go type. */
  readonly decode: (given: JsonObject) => Decoded;
  /** A stored object, of whatever version it is, in the version of the request. Gives the same for the same object. */
  readonly fromStorage: (object: KubeObject) => KubeObject;
  /** An object of the version of the request as it is to be stored. */
  readonly toStorage: (object: KubeObject) => KubeObject;
  /** An object in another version, undefined when the kind has no such version. */
  readonly inVersion: (object: KubeObject, apiVersion: string) => KubeObject | undefined;
  /** The type of a version, undefined when the kind has no such version. */
  readonly schemaIn: (apiVersion: string) => Schema | undefined;
  /** Where the scale finds what it shows; undefined when the version has none. */
  readonly scale: ScalePaths | undefined;
  /** The paths of replicas by `apiVersion`, of those versions that have a scale. */
  readonly replicaPaths: Readonly<Record<string, string>>;
}
