import type { KubeObject } from '@meridian/manifests';

/** An object that is gone: its name and what it was when it was last seen. */
export interface GoneObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string };
}

interface Seen {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** What has been told about the objects of one kind, so that a new list can be turned into the changes since. */
export interface KnownObjects {
  readonly size: number;
  /** Notes an object. False when exactly this version was told before. */
  note(object: KubeObject): boolean;
  /** Forgets an object. */
  drop(object: KubeObject): void;
  /** The objects that a whole list no longer has, or has under another UID; they are forgotten. */
  missingFrom(items: readonly KubeObject[]): GoneObject[];
}

/** Knows nothing yet. Keeps name, UID and version only: about 200 bytes an object. */
export function knownObjects(kind: { readonly apiVersion: string; readonly kind: string }): KnownObjects {
  const seen = new Map<string, Seen>();
  return {
    get size() {
      return seen.size;
    },
    note(object) {
      const { namespace, name, uid, resourceVersion } = object.metadata;
      const before = seen.get(nameOf(object));
      if (before !== undefined && before.uid === uid && before.resourceVersion === resourceVersion)
        return false;
      seen.set(nameOf(object), { namespace, name, uid, resourceVersion });
      return true;
    },
    drop(object) {
      seen.delete(nameOf(object));
    },
    missingFrom(items) {
      const uids = new Map(items.map((item) => [nameOf(item), item.metadata.uid]));
      const gone = [...seen].filter(([name, before]) => !uids.has(name) || uids.get(name) !== before.uid);
      return gone.map(([key, { namespace, name, uid }]) => {
        seen.delete(key);
        return {
          ...kind,
          metadata: {
            name,
            ...(namespace === undefined ? {} : { namespace }),
            ...(uid === undefined ? {} : { uid }),
          },
        };
      });
    },
  };
}

function nameOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
