export type { Json, JsonObject, KubeObject, ObjectKey, ObjectMeta } from './object.ts';
export { groupOf, keyOf, keyText } from './object.ts';
