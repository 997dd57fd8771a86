import { readHook } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { applicationLabel } from '../ports.ts';
import { applications, bundleOf } from './commits.ts';
import type { Tree } from './commits.ts';

/** One object that has to be there, with what says that it is the right one. */
export interface Expected {
  readonly name: string;
  readonly application: string;
  readonly content: string;
  /** Equal for as long as it must stay the same object in the cluster; undefined where it may be made anew. */
  readonly sameAs: string | undefined;
}

/** Everything that has to be in the cluster once all is quiet, by `nameOf`. */
export function expectedOf(tree: Tree): ReadonlyMap<string, Expected> {
  const all = applications.flatMap((application) =>
    (bundleOf(tree, application) ?? []).filter(isLasting).map((object): Expected => {
      const { name } = object.metadata;
      const since = tree.roaming.get(name)?.since ?? tree.parts.get(application)?.since ?? 0;
      const isSame = name.startsWith('roams-') || name.startsWith('stays-') || name.startsWith('later-');
      return {
        name: nameOf(object),
        application,
        content: contentOf(object),
        sameAs: isSame ? `${name} since ${since}` : undefined,
      };
    }),
  );
  return new Map(all.map((each) => [each.name, each]));
}

/** A hook stays until its next run unless it goes when it has succeeded. */
function isLasting(object: KubeObject): boolean {
  return readHook(object).hook?.deletePolicies.includes('HookSucceeded') !== true;
}

/** How an object is told from others here. */
export const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

/** What git says of an object, as far as these runs change it. */
function contentOf(object: KubeObject): string {
  if (object.kind === 'ConfigMap') return JSON.stringify(object['data']);
  return object.kind === 'Widget' ? JSON.stringify(object['spec']) : '';
}

/** What is wrong with what was found, each in a sentence; empty when nothing is. `uids` remembers from one look to the next. */
export function mistakesIn(
  expected: ReadonlyMap<string, Expected>,
  found: readonly KubeObject[],
  uids: Map<string, string>,
): readonly string[] {
  const names = new Set(found.map(nameOf));
  const missing = [...expected.keys()].filter((name) => !names.has(name)).map((name) => `${name} is missing`);
  return [...missing, ...found.flatMap((object) => mistakeIn(expected.get(nameOf(object)), object, uids))];
}

function mistakeIn(
  wanted: Expected | undefined,
  object: KubeObject,
  uids: Map<string, string>,
): readonly string[] {
  const name = nameOf(object);
  const label = object.metadata.labels?.[applicationLabel];
  if (!wanted) return [`${name} of ${label ?? 'nobody'} is an orphan`];
  if (label !== wanted.application)
    return [`${name} belongs to ${label ?? 'nobody'}, not to ${wanted.application}`];
  if (contentOf(object) !== wanted.content) return [`${name} is ${contentOf(object)}, not ${wanted.content}`];
  const isSame = wanted.sameAs === undefined || isSameAsBefore(wanted.sameAs, object, uids);
  return isSame ? [] : [`${name} was deleted and made again`];
}

function isSameAsBefore(
  key: string,
  { metadata: { uid = '' } }: KubeObject,
  uids: Map<string, string>,
): boolean {
  const before = uids.get(key) ?? uid;
  uids.set(key, uid);
  return before === uid;
}
