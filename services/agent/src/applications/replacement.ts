import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel } from '../ports.ts';

/** Kinds that others keep data in, or live in: they go only on a second word for it, on the object itself. */
const holders: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/**
 * Why an object whose fields cannot be changed may not be deleted and made again, with the way out; undefined when its
 * annotations, or the rules of its application, say that it may.
 */
export function whyNotReplaced(
  { entry: { group, kind }, options }: DesiredObject,
  { rules }: Pick<Assignment, 'rules'>,
): string | undefined {
  const word = options.replace ?? (rules?.replaceImmutable ? 'enabled' : undefined);
  const isHolder = holders.has(`${group}/${kind}`);
  if (word === 'data' || (word === 'enabled' && !isHolder)) return undefined;
  if (isHolder)
    return `a ${kind} is deleted and made again only with the annotation meridian.dev/replace: data`;
  return 'to have it deleted and made again, annotate it with meridian.dev/replace: enabled';
}

/** What is to be done about the live object in the way of one that is to be made anew. */
export type Way =
  | { readonly way: 'free' }
  | { readonly way: 'delete'; readonly uid: string }
  /** It is on its way out already; `why` says what it waits for. */
  | { readonly way: 'wait'; readonly why: string }
  | { readonly way: 'blocked'; readonly why: string };

/** Only what carries the label of the application is deleted for it, and nothing is deleted twice. */
export function wayOf(live: KubeObject | undefined, application: string): Way {
  if (!live) return { way: 'free' };
  const { labels, uid = '', deletionTimestamp, finalizers } = live.metadata;
  if (labels?.[applicationLabel] !== application || uid === '')
    return { way: 'blocked', why: 'this application did not make it; delete it by hand' };
  if (deletionTimestamp === undefined) return { way: 'delete', uid };
  return { way: 'wait', why: finalizersText(finalizers) };
}

function finalizersText(finalizers: unknown): string {
  const names = Array.isArray(finalizers) ? finalizers.filter((name) => typeof name === 'string') : [];
  const since = 'it is being deleted to be made again';
  return names.length === 0 ? since : `${since}, and is held by its finalizers ${names.join(', ')}`;
}
