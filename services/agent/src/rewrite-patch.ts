import type { Json, KubeObject } from '@meridian/manifests';

/** What a rewrite leaves as it is: what identifies the object, and what its controllers say of it. */
const kept: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** Of the metadata only these are the author's. Finalizers and owners keep others' work from being lost. */
const metadataFields = ['labels', 'annotations'] as const;

/**
 * The JSON patch (RFC 6902) that makes `live` what `next` says, as `kubectl replace` would, but only if it is still as it was
 * read. A patch needs no right that an apply does not need, and cannot take finalizers, owners or a status away.
 */
export function rewritePatch(live: KubeObject, next: KubeObject): Json[] {
  const { resourceVersion = '' } = live.metadata;
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...metadataFields.flatMap((field) =>
      change(`/metadata/${field}`, copyOf(next.metadata[field]), live.metadata[field] !== undefined),
    ),
    ...namesIn(live, next).flatMap((name) =>
      change(`/${escaped(name)}`, next[name], live[name] !== undefined),
    ),
  ];
}

const copyOf = (texts: { readonly [name: string]: string } | undefined): Json | undefined =>
  texts && { ...texts };

function namesIn(live: KubeObject, next: KubeObject): readonly string[] {
  return [...new Set([...Object.keys(live), ...Object.keys(next)])].filter((name) => !kept.has(name));
}

function change(path: string, value: Json | undefined, isThere: boolean): Json[] {
  // `add` puts a value in the place of one that is there.
  if (value !== undefined) return [{ op: 'add', path, value }];
  return isThere ? [{ op: 'remove', path }] : [];
}

/** RFC 6901, section 3. */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
