export {
  defineMember,
  draftOf,
  isObject,
  itemsAt,
  jsonEqual,
  numberAt,
  objectAt,
  textAt,
  valueAt,
} from './json.ts';
export type { Json, JsonObject } from './json.ts';
export { apiMicroTime, apiTime, apiVersionOf, kindOf } from './kube-object.ts';
export type { GroupVersionKind, KubeObject, ObjectMeta, OwnerReference } from './kube-object.ts';
export type {
  AnySchema,
  FieldSchema,
  GoField,
  ListSchema,
  MapSchema,
  ObjectSchema,
  ScalarSchema,
  ScalarType,
  Schema,
} from './schema/schema.ts';
export { groupResource } from './schema/resource.ts';
export type { Resource, Subresource, Verb } from './schema/resource.ts';
export { parseFieldSelector } from './store/field-selector.ts';
export type { ParsedFieldSelector } from './store/field-selector.ts';
export { parseLabelSelector } from './store/label-selector.ts';
export type { Labels, ParsedLabelSelector } from './store/label-selector.ts';
export { createStore } from './store/memory-store.ts';
export type { MemoryStoreOptions } from './store/memory-store.ts';
export type { PastRefusal, Store, StoreEvent, StoreKey } from './store/store.ts';
export { GoText } from './errors/field-error.ts';
export type { FieldError, FieldErrorType } from './errors/field-error.ts';
export { labelKeyProblems, labelValueProblems, subdomainProblems } from './kinds/names.ts';
export type { KindRules, NameRule, RuleContext } from './kinds/kind-rules.ts';
export type { ClusterApi, DeleteOptions, ObjectRef, WriteOptions } from './cluster/cluster-api.ts';
