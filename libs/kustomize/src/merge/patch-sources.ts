import type { Place, Profile, Step } from '../build/step.ts';
import { refuse } from '../refusal.ts';
import type { Resource } from '../resources/resource.ts';
import type { Selector } from '../resources/selection.ts';
import type { Operation } from './json-patch.ts';
import type { Read } from './json-text.ts';
import { readMergePatches, readOperations, readPatchText, type PatchText } from './patch-text.ts';

/** One entry of `patches`, or the configuration of a PatchTransformer. */
export interface PatchConfig {
  readonly path?: string | undefined;
  readonly patch?: string | undefined;
  readonly target?: Selector | undefined;
  readonly options?: { readonly [option: string]: boolean } | undefined;
}

/** The entries of `patchesStrategicMerge`, or the configuration of a PatchStrategicMergeTransformer. */
export interface StrategicMergeConfig {
  /** Files, or objects written in their place. */
  readonly paths?: readonly string[] | undefined;
  readonly patches?: string | undefined;
}

/** One entry of `patchesJson6902`, or the configuration of a PatchJson6902Transformer. */
export interface JsonPatchConfig {
  readonly target?: Selector | undefined;
  readonly path?: string | undefined;
  readonly jsonOp?: string | undefined;
}

/** What a configuration's text was read as, by whose rules. */
interface Reading<Result> {
  readonly text: string;
  readonly profile: Profile;
  readonly result: Result;
}

/** Keeps what a configuration's text was read as: its patch is applied again whenever a base below it changes. */
class ReadOnce<Result> {
  readonly #kept = new WeakMap<object, Reading<Result>>();

  of(
    config: object,
    source: { readonly text: string; readonly profile: Profile },
    read: () => Result,
  ): Result {
    const known = this.#kept.get(config);
    if (known?.text === source.text && known.profile === source.profile) return known.result;
    const result = read();
    this.#kept.set(config, { ...source, result });
    return result;
  }
}

const patches = new ReadOnce<PatchText>();
const jsonPatches = new ReadOnce<readonly Operation[]>();

/** The patch of an entry of `patches`; refuses an entry with both or none of `path` and `patch`, and text that is no patch. */
export function patchOf(config: PatchConfig, step: Step): PatchText {
  const inline = (config.patch ?? '').trim();
  const path = config.path ?? '';
  checkOne(inline, path, step.place);
  const text = path === '' ? inline : step.readText(path);
  const file = path === '' ? step.place.file : path;
  const { profile } = step;
  return patches.of(config, { text, profile }, () =>
    expected(readPatchText(text, file, profile), step.place),
  );
}

/** The objects of `patchesStrategicMerge`; refuses files that cannot be read and a list without any object. */
export function strategicMergesOf(config: StrategicMergeConfig, step: Step): readonly Resource[] {
  const { paths = [], patches = '' } = config;
  const { place } = step;
  const inline = patches === '' ? [] : expected(readMergePatches(patches, place.file), place);
  const all = [...paths.flatMap((path) => mergesAt(path, step)), ...inline];
  if (all.length === 0)
    refuse({ ...place, message: 'the patch has no object', fix: 'add one or remove the entry' });
  return all;
}

/** What is written in place of a path is tried as an object first, as upstream. */
function mergesAt(path: string, step: Step): readonly Resource[] {
  const inline = readMergePatches(path, step.place.file);
  return 'problem' in inline ? expected(readMergePatches(step.readText(path), path), step.place) : inline;
}

/** The operations of an entry of `patchesJson6902`; refuses an entry with both or none of `path` and `jsonOp`. */
export function jsonPatchOf(
  config: JsonPatchConfig,
  { place, profile, readText }: Step,
): readonly Operation[] {
  const { path = '', jsonOp = '' } = config;
  checkOne(jsonOp, path, place);
  const text = path === '' ? jsonOp : readText(path);
  if (text === '') refuse({ ...place, message: `the patch file ${path} is empty`, fix: 'add operations' });
  const file = path === '' ? place.file : path;
  const operations = jsonPatches.of(config, { text, profile }, () =>
    expected(readOperations(text, file), place),
  );
  if (operations.length === 0)
    refuse({ ...place, message: 'the JSON patch has no operations', fix: 'add one or remove the entry' });
  return operations;
}

function checkOne(inline: string, path: string, place: Place): void {
  if (inline === '' && path === '')
    refuse({ ...place, message: 'the entry has neither a path nor a patch', fix: 'add one of the two' });
  if (inline !== '' && path !== '')
    refuse({ ...place, message: 'the entry has a path and a patch', fix: 'remove one of the two' });
}

function expected<Result extends object>(read: Read<Result>, place: Place): Result {
  return 'problem' in read
    ? refuse({ ...place, message: `the patch cannot be used: ${read.problem}`, fix: 'correct the patch' })
    : read;
}
