import type { KubeObject } from '../object.ts';
import { annotationOf, fluxWord, shown, wordsOf } from './annotations.ts';
import { foreignProblemsOf } from './foreign-words.ts';
import { writeOptionsOf, writeProblemsOf } from './write-options.ts';
import type { WriteOptions } from './write-options.ts';

/** Whether an object goes with what it belongs to: always, never, or only when a person has said so. */
export type Removal = 'allowed' | 'confirm' | 'disabled';

/** What is done about live state that differs: bring it back, only say so, or nothing at all. */
export type DriftPolicy = 'correct' | 'report' | 'ignore';

/** What the annotations of an object ask of the agent. */
export interface ObjectOptions extends WriteOptions {
  /** It is not written. */
  readonly isLeftAlone: boolean;
  /** When the object leaves its bundle. */
  readonly prune: Removal;
  /** When its application is withdrawn. */
  readonly remove: Removal;
  /** Undefined: as its application says. */
  readonly drift: DriftPolicy | undefined;
  /** Annotations that could not be read, each as one sentence. */
  readonly problems: readonly string[];
}

const argo = 'argocd.argoproj.io';
const own = 'meridian.dev';

/**
 * Reads the annotations of Meridian, Argo CD (docs/user-guide/sync-options.md there), Flux (kustomize-controller,
 * docs/spec/v1/kustomizations.md) and Helm that say how an object is handled. Meridian's own decide; among those of the
 * others the more careful word does: whoever asked to keep an object keeps it.
 */
export function optionsOf(object: KubeObject): ObjectOptions {
  if (object.metadata.annotations === undefined && object.metadata.labels === undefined) return plain;
  const syncOptions = new Set(wordsOf(object, `${argo}/sync-options`));
  const prune = ownRemoval(object, 'prune') ?? removalOf(object, syncOptions, 'Prune');
  const remove = ownRemoval(object, 'delete') ?? removalOf(object, syncOptions, 'Delete');
  return {
    isLeftAlone: isLeftAlone(object),
    prune,
    remove,
    drift: driftOf(object),
    ...writeOptionsOf(object, prune !== 'allowed' || remove !== 'allowed'),
    problems: problemsOf(object),
  };
}

/** Whether an annotation has this value; Flux does not look at case. */
const says = (object: KubeObject, name: string, value: string): boolean =>
  annotationOf(object, name)?.toLowerCase() === value;

const fluxSays = (object: KubeObject, name: string, value: string): boolean =>
  fluxWord(object, name)?.toLowerCase() === value;

const plain: ObjectOptions = {
  isLeftAlone: false,
  prune: 'allowed',
  remove: 'allowed',
  drift: undefined,
  write: 'always',
  replace: undefined,
  missingKind: 'fail',
  problems: [],
};

/** What other tools are told; Flux also keeps what it does not reconcile. */
function removalOf(
  object: KubeObject,
  syncOptions: ReadonlySet<string>,
  option: 'Prune' | 'Delete',
): Removal {
  const isKept =
    syncOptions.has(`${option}=false`) ||
    fluxSays(object, 'prune', 'disabled') ||
    says(object, 'helm.sh/resource-policy', 'keep') ||
    isLeftAlone(object);
  if (isKept) return 'disabled';
  return syncOptions.has(`${option}=confirm`) ? 'confirm' : 'allowed';
}

/** What each of Meridian's own annotations can be; the first word of a switch is on. */
const ownWords = {
  prune: ['enabled', 'confirm', 'disabled'],
  delete: ['enabled', 'confirm', 'disabled'],
  reconcile: ['enabled', 'disabled'],
  drift: ['correct', 'report', 'ignore'],
} as const;

type OwnName = keyof typeof ownWords;

/** One of Meridian's own annotations, when it has one of its words. */
function ownWord(object: KubeObject, name: OwnName): string | undefined {
  const text = annotationOf(object, `${own}/${name}`);
  return text !== undefined && isWord(text, ownWords[name]) ? text : undefined;
}

const isWord = (text: string, words: readonly string[]): boolean => words.includes(text);

function ownSwitch(object: KubeObject, name: OwnName): boolean | undefined {
  const word = ownWord(object, name);
  return word === undefined ? undefined : word === 'enabled';
}

/** A word that cannot be read keeps the object: nobody writes this annotation to have it deleted. */
function ownRemoval(object: KubeObject, name: 'prune' | 'delete'): Removal | undefined {
  if (annotationOf(object, `${own}/${name}`) === undefined) return undefined;
  const word = ownWord(object, name);
  if (word === 'enabled') return 'allowed';
  return word === 'confirm' ? 'confirm' : 'disabled';
}

/**
 * A word that cannot be read only reports: nobody writes this annotation to have changes undone. Flux's word for objects of
 * charts is that of its helm-controller (docs/spec/v2/helmreleases.md there, "Drift detection").
 */
function driftOf(object: KubeObject): DriftPolicy | undefined {
  if (annotationOf(object, `${own}/drift`) !== undefined) {
    const word = ownWord(object, 'drift');
    return word === 'correct' || word === 'ignore' ? word : 'report';
  }
  return says(object, 'helm.toolkit.fluxcd.io/driftDetection', 'disabled') ? 'ignore' : undefined;
}

/** Whether a tool is told to leave the object as it is. */
function isLeftAlone(object: KubeObject): boolean {
  const reconcile = ownSwitch(object, 'reconcile');
  if (reconcile !== undefined) return !reconcile;
  return fluxSays(object, 'reconcile', 'disabled') || fluxSays(object, 'ssa', 'ignore');
}

function problemsOf(object: KubeObject): readonly string[] {
  const unread = Object.entries(ownWords).flatMap(([name, words]) => {
    const text = annotationOf(object, `${own}/${name}`);
    if (text === undefined || isWord(text, words)) return [];
    return [`the annotation ${own}/${name} must be ${words.join(', ')}, not ${shown(text)}`];
  });
  return [...unread, ...writeProblemsOf(object), ...foreignProblemsOf(object)];
}
