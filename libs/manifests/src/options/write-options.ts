import type { KubeObject } from '../object.ts';
import { annotationOf, fluxWord, shown, wordsOf } from './annotations.ts';

/**
 * How an object is written: always, without taking fields over from the tools before us, only while it is missing, or as a
 * whole, so that nothing stays in it that the bundle does not say.
 */
export type WriteMode = 'always' | 'merge' | 'once' | 'whole';

/**
 * Whether an object may be deleted and made again when fields of it cannot be changed; `data` also when others keep data in
 * it or live in it (claims, volumes, namespaces, definitions).
 */
export type Replacement = 'enabled' | 'data' | 'disabled';

/** While the cluster does not serve the kind of an object: an error that holds up later waves, or a wait that does not. */
export type MissingKind = 'fail' | 'wait';

/** What annotations say of how an object is written. */
export interface WriteOptions {
  readonly write: WriteMode;
  /** Undefined: as its application says. */
  readonly replace: Replacement | undefined;
  readonly missingKind: MissingKind;
}

const syncOptions = 'argocd.argoproj.io/sync-options';
const fluxSsa = 'kustomize.toolkit.fluxcd.io/ssa';
const own = {
  write: 'meridian.dev/apply',
  replace: 'meridian.dev/replace',
  missingKind: 'meridian.dev/missing-kind',
} as const;

const writeModes = ['always', 'merge', 'once', 'whole'] as const;
const replacements = ['enabled', 'data', 'disabled'] as const;
const missingKinds = ['fail', 'wait'] as const;

/**
 * Reads `meridian.dev/apply`, `meridian.dev/replace` and `meridian.dev/missing-kind`, and what Argo CD (docs/user-guide/sync-options.md there) and Flux
 * (kustomize-controller, docs/spec/v1/kustomizations.md, "Controlling the apply behavior") have for the same. `isKept`: an
 * object that somebody asked to keep is replaced only by our own word for it.
 */
export function writeOptionsOf(object: KubeObject, isKept: boolean): WriteOptions {
  const words = new Set(wordsOf(object, syncOptions));
  return {
    write: writeModeOf(object, words),
    replace: replacementOf(object, words, isKept),
    missingKind: missingKindOf(object, words),
  };
}

/** A word of ours that cannot be read hides no error. */
function missingKindOf(object: KubeObject, words: ReadonlySet<string>): MissingKind {
  const text = annotationOf(object, own.missingKind);
  if (text !== undefined) return text === 'wait' ? 'wait' : 'fail';
  return words.has('SkipDryRunOnMissingResource=true') ? 'wait' : 'fail';
}

/** A word of ours that cannot be read changes nothing that others have written. */
function writeModeOf(object: KubeObject, words: ReadonlySet<string>): WriteMode {
  const text = annotationOf(object, own.write);
  if (text !== undefined) return writeModes.find((mode) => mode === text) ?? 'merge';
  const ssa = fluxWord(object, 'ssa')?.toLowerCase();
  if (ssa === 'ifnotpresent') return 'once';
  if (ssa === 'merge' || words.has('ClientSideApplyMigration=false')) return 'merge';
  return words.has('Replace=true') ? 'whole' : 'always';
}

/** A word of ours that cannot be read deletes nothing. */
function replacementOf(
  object: KubeObject,
  words: ReadonlySet<string>,
  isKept: boolean,
): Replacement | undefined {
  const text = annotationOf(object, own.replace);
  if (text !== undefined) return replacements.find((word) => word === text) ?? 'disabled';
  if (isKept || words.has('Force=false')) return 'disabled';
  const isForced = words.has('Force=true') || fluxWord(object, 'force')?.toLowerCase() === 'enabled';
  return isForced ? 'enabled' : undefined;
}

/** Sync options of Argo CD that are followed, or that are no other than how the agent always works. */
const followed: ReadonlySet<string> = new Set([
  ...['Prune', 'Delete'].flatMap((name) => [`${name}=true`, `${name}=false`, `${name}=confirm`]),
  ...['Replace', 'Force', 'ClientSideApplyMigration', 'SkipDryRunOnMissingResource'].flatMap((name) => [
    `${name}=true`,
    `${name}=false`,
  ]),
  ...['ServerSideApply', 'Validate', 'PruneLast', 'ApplyOutOfSyncOnly', 'FailOnSharedResource'].map(
    (name) => `${name}=true`,
  ),
]);

/** Sync options of Argo CD that are deliberately not followed, with what is done instead. */
const notFollowed: ReadonlyMap<string, string> = new Map([
  ['ServerSideApply=false', 'objects are always applied by the API server'],
  ['Validate=false', 'the API server validates whatever is applied'],
  ['PruneLast=false', 'what left the bundle always goes last'],
  ['ApplyOutOfSyncOnly=false', 'objects that are as desired are never applied again'],
  ['FailOnSharedResource=false', 'an object belongs to one application only'],
  ['PrunePropagationPolicy=foreground', 'dependents are always deleted in the background'],
  ['PrunePropagationPolicy=orphan', 'dependents are always deleted in the background'],
  ['CreateNamespace=true', 'it is a choice of the application: syncPolicy.createNamespace'],
  ['RespectIgnoreDifferences=true', 'it is a choice of the application, not of an object'],
]);

/** What of these annotations cannot be read or is not followed, each as one sentence. */
export function writeProblemsOf(object: KubeObject): readonly string[] {
  return [
    ...ownProblems(object, own.write, writeModes),
    ...ownProblems(object, own.replace, replacements),
    ...ownProblems(object, own.missingKind, missingKinds),
    ...wordsOf(object, syncOptions).flatMap(optionProblems),
    ...ssaProblems(fluxWord(object, 'ssa')),
  ];
}

function ownProblems(object: KubeObject, name: string, words: readonly string[]): readonly string[] {
  const text = annotationOf(object, name);
  if (text === undefined || words.includes(text)) return [];
  return [`the annotation ${name} must be ${words.join(', ')}, not ${shown(text)}`];
}

function optionProblems(word: string): readonly string[] {
  if (followed.has(word)) return [];
  const instead = notFollowed.get(word);
  return [
    instead === undefined
      ? `the annotation ${syncOptions} has ${shown(word)}, which is not known`
      : `the annotation ${syncOptions} has ${word}, which is not followed: ${instead}`,
  ];
}

function ssaProblems(text: string | undefined): readonly string[] {
  if (text === undefined || ['override', 'merge', 'ifnotpresent', 'ignore'].includes(text.toLowerCase()))
    return [];
  return [`the annotation ${fluxSsa} must be Override, Merge, IfNotPresent or Ignore, not ${shown(text)}`];
}
