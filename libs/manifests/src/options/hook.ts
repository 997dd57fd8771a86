import type { KubeObject } from '../object.ts';
import { annotationOf, shown, wordsOf } from './annotations.ts';

/** When an object is applied: hooks before, with, behind or on failure of the rest, and around the end of an application. */
export type Phase = (typeof phases)[number];

/** All phases in their order. */
export const phases = ['PreSync', 'Sync', 'PostSync', 'SyncFail', 'PreDelete', 'PostDelete'] as const;

/** When the object of a hook is deleted: before it is made again, or once it has succeeded or failed. */
export type HookDeletePolicy = (typeof deletePolicies)[number];

const deletePolicies = ['BeforeHookCreation', 'HookSucceeded', 'HookFailed'] as const;

/** An object that runs in phases of a sync and is no part of what is kept in the cluster. */
export interface Hook {
  /** In their order; empty when it runs in none and what is in the cluster is left as it is. */
  readonly phases: readonly Phase[];
  readonly deletePolicies: readonly HookDeletePolicy[];
}

/** A hook with what could not be read of its annotations. */
export interface ReadHook {
  /** Undefined for objects that are no hooks. */
  readonly hook: Hook | undefined;
  readonly problems: readonly string[];
}

/** One tool's annotations for hooks, with its words for phases and delete policies. */
interface Dialect {
  readonly hook: string;
  readonly deletePolicy: string;
  readonly phases: ReadonlyMap<string, Phase | undefined>;
  readonly policies: ReadonlyMap<string, HookDeletePolicy>;
}

const own = {
  phases: new Map<string, Phase | undefined>([
    ...phases.map((phase) => [phase, phase] as const),
    ['Skip', undefined],
  ]),
  policies: new Map(deletePolicies.map((policy) => [policy, policy] as const)),
};

/**
 * The first that an object has counts. Meridian's words are those of Argo CD (docs/user-guide/sync-waves.md there); Helm's
 * become what Argo CD makes of them: what belongs to a rollback or a test never runs, as a rollback applies an older bundle.
 */
const dialects: readonly Dialect[] = [
  { hook: 'meridian.dev/hook', deletePolicy: 'meridian.dev/hook-delete-policy', ...own },
  { hook: 'argocd.argoproj.io/hook', deletePolicy: 'argocd.argoproj.io/hook-delete-policy', ...own },
  {
    hook: 'helm.sh/hook',
    deletePolicy: 'helm.sh/hook-delete-policy',
    phases: new Map<string, Phase | undefined>([
      ['pre-install', 'PreSync'],
      ['pre-upgrade', 'PreSync'],
      ['post-install', 'PostSync'],
      ['post-upgrade', 'PostSync'],
      ['pre-delete', 'PreDelete'],
      ['post-delete', 'PostDelete'],
      ['pre-rollback', undefined],
      ['post-rollback', undefined],
      ['test', undefined],
      ['test-success', undefined],
      ['test-failure', undefined],
    ]),
    policies: new Map([
      ['before-hook-creation', 'BeforeHookCreation'],
      ['hook-succeeded', 'HookSucceeded'],
      ['hook-failed', 'HookFailed'],
    ]),
  },
];

const none: ReadHook = { hook: undefined, problems: [] };

/**
 * Reads whether an object is a hook. A hook without a phase that is known is applied in none, and told as a problem: its
 * author did not want it to be applied like any other object.
 */
export function readHook(object: KubeObject): ReadHook {
  const dialect = dialectOf(object);
  if (!dialect) return none;
  const words = wordsOf(object, dialect.hook);
  // Charts of Helm 2 marked their definitions so; they are objects like any other.
  if (dialect.hook === 'helm.sh/hook' && words.length === 1 && words[0] === 'crd-install') return none;
  const wanted = new Set(words.map((word) => dialect.phases.get(word)));
  const policies = new Set(wordsOf(object, dialect.deletePolicy).map((word) => dialect.policies.get(word)));
  const chosen = deletePolicies.filter((policy) => policies.has(policy));
  return {
    hook: {
      phases: phases.filter((phase) => wanted.has(phase)),
      deletePolicies: chosen.length > 0 ? chosen : ['BeforeHookCreation'],
    },
    problems: [
      ...unknown(dialect.hook, words, dialect.phases),
      ...unknown(dialect.deletePolicy, wordsOf(object, dialect.deletePolicy), dialect.policies),
    ],
  };
}

/**
 * Whether an object is only there for what Helm does around a rollback or when a person asks for tests: it runs in no phase,
 * and nobody expects it in a cluster.
 */
export function isForHelmAlone(object: KubeObject): boolean {
  const { hook, problems } = readHook(object);
  const isHelms = dialectOf(object)?.hook === 'helm.sh/hook';
  return isHelms && hook?.phases.length === 0 && problems.length === 0;
}

function dialectOf(object: KubeObject): Dialect | undefined {
  return dialects.find(({ hook }) => annotationOf(object, hook) !== undefined);
}

function unknown(
  annotation: string,
  words: readonly string[],
  known: ReadonlyMap<string, unknown>,
): readonly string[] {
  return words
    .filter((word) => !known.has(word))
    .map(
      (word) =>
        `the annotation ${annotation} does not know ${shown(word)}; it can be ${[...known.keys()].join(', ')}`,
    );
}
