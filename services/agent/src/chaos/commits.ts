import type { KubeObject } from '@meridian/manifests';
import type { Dice } from './dice.ts';

/** The applications of a chaos run; all have the same namespace, so that objects can move between them. */
export const applications = ['a', 'b', 'c'] as const;

/** One of them. */
export type Application = (typeof applications)[number];

/** Namespace of all of them. */
export const chaosNamespace = 'chaos';

/** Group of the custom kind that comes and goes with application `a`. */
export const chaosGroup = 'chaos.example.org';

/** What git says at a moment. */
export interface Tree {
  /** Counts commits. */
  readonly commit: number;
  readonly withdrawn: ReadonlySet<Application>;
  /** Objects that come, go and move: name -> who has it, and since which commit it is there without a break. */
  readonly roaming: ReadonlyMap<string, { readonly owner: Application; readonly since: number }>;
  /** Of each application: what changes in what it has. */
  readonly parts: ReadonlyMap<Application, Parts>;
}

interface Parts {
  /** The commit that changed it last. */
  readonly changed: number;
  /** The commit since which it is there. */
  readonly since: number;
  /** Content of an object that cannot be changed. */
  readonly sealed: number;
  readonly hasRole: boolean;
  readonly hasJob: boolean;
  readonly hasKind: boolean;
}

/** A commit: what git says after it, and which applications it changes. */
export interface Commit {
  readonly tree: Tree;
  readonly changed: readonly Application[];
}

const roamers = Array.from({ length: 9 }, (_, index) => `roams-${index}`);

/** What git says before the first commit: nothing. */
export const emptyTree: Tree = {
  commit: 0,
  withdrawn: new Set(applications),
  roaming: new Map(),
  parts: new Map(),
};

/** Throws a commit: content changes, objects come, go and move, applications are withdrawn and come back. */
export function nextCommit(tree: Tree, dice: Dice): Commit {
  const commit = tree.commit + 1;
  const changed = new Set<Application>([pick(applications, dice)]);
  for (const application of applications) if (dice.percent(30)) changed.add(application);
  const withdrawn = new Set(tree.withdrawn);
  for (const application of changed) {
    if (withdrawn.has(application)) withdrawn.delete(application);
    else if (dice.percent(6)) withdrawn.add(application);
  }
  const roaming = roam({ tree, changed, withdrawn }, commit, dice);
  const parts = new Map(tree.parts);
  for (const application of changed) {
    const isBack = tree.withdrawn.has(application);
    parts.set(application, nextParts(isBack ? undefined : tree.parts.get(application), commit, dice));
  }
  return { tree: { commit, withdrawn, roaming, parts }, changed: [...changed].sort() };
}

/** The commit that takes everything away. */
export function lastCommit(tree: Tree): Commit {
  const next = { ...tree, commit: tree.commit + 1, withdrawn: new Set(applications), roaming: new Map() };
  return { tree: next, changed: applications };
}

function nextParts(before: Parts | undefined, commit: number, dice: Dice): Parts {
  return {
    changed: commit,
    since: before?.since ?? commit,
    sealed: before && dice.percent(70) ? before.sealed : commit,
    hasRole: dice.percent(50),
    hasJob: dice.percent(40),
    hasKind: dice.percent(60),
  };
}

interface Roaming {
  readonly tree: Tree;
  readonly changed: ReadonlySet<Application>;
  readonly withdrawn: ReadonlySet<Application>;
}

function roam({ tree, changed, withdrawn }: Roaming, commit: number, dice: Dice): Tree['roaming'] {
  const open = [...changed].filter((application) => !withdrawn.has(application));
  const roaming = new Map(tree.roaming);
  for (const name of roamers) {
    const at = roaming.get(name);
    // What an application has that this commit leaves alone stays where it is.
    if (at && !changed.has(at.owner)) continue;
    const isLost = at !== undefined && withdrawn.has(at.owner);
    const owner = whereTo({ owner: at?.owner, isLost }, open, dice);
    if (owner === undefined) roaming.delete(name);
    else roaming.set(name, { owner, since: at?.since ?? commit });
  }
  return roaming;
}

interface Place {
  readonly owner: Application | undefined;
  /** Its owner is withdrawn, so that it has to move or to go. */
  readonly isLost: boolean;
}

/** Who has an object next; undefined when nobody does. */
function whereTo(
  { owner, isLost }: Place,
  open: readonly Application[],
  dice: Dice,
): Application | undefined {
  if (open.length === 0) return undefined;
  if (dice.percent(isLost ? 50 : 25)) return undefined;
  const mustMove = owner === undefined || isLost;
  return mustMove || dice.percent(50) ? pick(open, dice) : owner;
}

const pick = <T>(from: readonly T[], dice: Dice): T => {
  const found = from[dice.below(from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
};

const hookOf = (phase: string, policies: string) => ({
  'meridian.dev/hook': phase,
  'meridian.dev/hook-delete-policy': policies,
});

/** The bundle of an application; undefined when it is withdrawn. */
export function bundleOf(tree: Tree, application: Application): readonly KubeObject[] | undefined {
  const parts = tree.parts.get(application);
  if (tree.withdrawn.has(application) || !parts) return undefined;
  const { changed, sealed, hasRole, hasJob } = parts;
  return [
    configMap(`stays-${application}`, changed),
    configMap(`later-${application}`, changed, { 'meridian.dev/wave': '1' }),
    { ...configMap(`sealed-${application}`, sealed, { 'meridian.dev/replace': 'enabled' }), immutable: true },
    configMap(`checks-${application}`, changed, hookOf('PreSync', 'BeforeHookCreation,HookSucceeded')),
    configMap(`reports-${application}`, changed, hookOf('PostSync', 'BeforeHookCreation')),
    ...(hasRole ? [role(application)] : []),
    ...(hasJob ? [job(application)] : []),
    ...(application === 'a' ? kindOf(parts) : []),
    ...[...tree.roaming].flatMap(([name, { owner }]) =>
      owner === application ? [configMap(name, changed)] : [],
    ),
  ];
}

function configMap(name: string, value: number, annotations = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, annotations },
    data: { value: String(value) },
  };
}

function role(application: Application): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `chaos-${application}` },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  };
}

/** A hook that takes its time. */
function job(application: Application): KubeObject {
  const container = { name: 'migrate', image: 'registry.example/migrate:1' };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `migrates-${application}`, annotations: hookOf('PreSync', 'BeforeHookCreation') },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

/** A custom kind with an object of it. */
function kindOf({ hasKind, changed }: Parts): readonly KubeObject[] {
  if (!hasKind) return [];
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return [
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${chaosGroup}` },
      spec: {
        group: chaosGroup,
        names,
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    },
    { apiVersion: `${chaosGroup}/v1`, kind: 'Widget', metadata: { name: 'w' }, spec: { value: changed } },
  ];
}
