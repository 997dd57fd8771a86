import { keyOf, keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { digestOf } from './digest.ts';

/** What one cluster is to run of an application, reduced to names, a version and how well it goes. */
export interface BundleSpec {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly keys: readonly string[];
  readonly objects: readonly KubeObject[];
  readonly names: readonly string[];
  readonly version: number;
  /** It never gets healthy. */
  readonly isBad: boolean;
}

/** Equal content is the same bundle, in every world of this thread. */
const made = new Map<string, BundleSpec>();
const mostMade = 5_000;

/** A bundle of objects with these names. */
export function bundleOf(
  application: string,
  names: readonly string[],
  { version, isBad }: { readonly version: number; readonly isBad: boolean },
): BundleSpec {
  const text = `${application} ${names.join(',')} ${version} ${isBad}`;
  const known = made.get(text);
  if (known) return known;
  const objects = names.map((name): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${application}-${name}`, namespace: 'ml' },
    data: { version: `${version}` },
  }));
  const bundle = {
    digest: digestOf(text),
    bytes: new TextEncoder().encode(JSON.stringify({ objects })),
    keys: objects.map((object) => keyText(keyOf(object))),
    objects,
    names,
    version,
    isBad,
  };
  if (made.size >= mostMade) made.clear();
  made.set(text, bundle);
  return bundle;
}
