export {
  base64Text,
  canonicalJson,
  canonicalJsonWithin,
  digestText,
  sha256Digest,
  sha256Hex,
  utf8Bytes,
} from './canonical.ts';
export type { DigestedText } from './canonical.ts';
export type { Dialect, KeyFlaw, KeyMeaning, Meaning, ScalarForm, Tree, WrittenScalar } from './dialect.ts';
export type { TextPart } from './grammar/syntax-error.ts';
export { imagesIn, readImage } from './image.ts';
export type { ImagePlace, NamedImage } from './image.ts';
export { forbiddenKeys, yamlLimits } from './limits.ts';
export type { YamlLimits } from './limits.ts';
export {
  isJsonObject,
  listItems,
  objectProblem,
  parseLocatedManifests,
  parseManifests,
} from './manifests.ts';
export type { LocatedManifests, LocatedObject, ParsedManifests } from './manifests.ts';
export type { Json, JsonObject, KubeObject, ObjectKey, ObjectMeta } from './object.ts';
export { groupOf, keyOf, keyText } from './object.ts';
export { isForHelmAlone, phases, readHook } from './options/hook.ts';
export type { Hook, HookDeletePolicy, Phase, ReadHook } from './options/hook.ts';
export { optionsOf } from './options/object-options.ts';
export type { DriftPolicy, ObjectOptions, Removal } from './options/object-options.ts';
export type { Replacement, WriteMode } from './options/write-options.ts';
export { orderObjects, waveOf, waveProblem } from './order.ts';
export { parseTree, parseYaml } from './parse.ts';
export type {
  LineOf,
  ParsedTree,
  ParsedYaml,
  ParseOptions,
  TreeDocument,
  TreeOptions,
  YamlDocument,
} from './parse.ts';
export { findPlaces, parseJqPath, parseJsonPointer } from './paths/object-paths.ts';
export type { FoundPlaces, ObjectPath, ParsedPath } from './paths/object-paths.ts';
export type { Step } from './paths/run-jq.ts';
export { fieldText, nearest } from './problem.ts';
export type { ManifestError } from './problem.ts';
export { namesIn, possibleNames } from './possible-names.ts';
export { isClusterScoped } from './scope.ts';
export { parseLiveObjects } from './live.ts';
export { masked, maskSecret, notTextIn } from './secret.ts';
export { toYaml } from './yaml.ts';
export type { ToYamlOptions } from './yaml.ts';
