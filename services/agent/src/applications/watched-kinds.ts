import type { DesiredObject } from '../assignments/prepare.ts';
import type { InventoryEntry, KindRef } from '../ports.ts';
import { isNamespaceGiven } from './application-namespace.ts';
import type { Held } from './held.ts';

/** A kind that a bundle names. */
export interface NamedKind {
  readonly kind: KindRef;
  /** Every API server has it. */
  readonly isBuiltIn: boolean;
  /** What the bundle has of it; empty for kinds that are built in, where nobody asks. */
  readonly objects: readonly DesiredObject[];
}

const nameOf = ({ apiVersion, kind }: KindRef): string => `${apiVersion} ${kind}`;

/** The kinds of these objects, each once. A bundle has few, and what they are is asked for again and again. */
export function kindsIn(objects: readonly DesiredObject[]): readonly NamedKind[] {
  const byKind = Map.groupBy(objects, ({ object }) => nameOf(object));
  return [...byKind.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const { apiVersion, kind } = first.object;
    const { group } = first.entry;
    const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io');
    return [{ kind: { apiVersion, kind }, isBuiltIn, objects: isBuiltIn ? [] : all }];
  });
}

/**
 * The kinds of an application that can be watched by now. Kinds that a CustomResourceDefinition brings are watched once an
 * object of them was made: asking before would only start the watcher's long wait for missing kinds.
 */
export function watchedKinds(held: Held): readonly KindRef[] {
  const kinds = held.kinds.filter((named) => named.isBuiltIn || isMade(held, named)).map(({ kind }) => kind);
  return isNamespaceGiven(held) ? [...kinds, { apiVersion: 'v1', kind: 'Namespace' }] : kinds;
}

function isMade({ record, books, hookBooks }: Held, { kind, objects }: NamedKind): boolean {
  const isSeen = ({ id }: DesiredObject) =>
    books.get(id)?.applied !== undefined || hookBooks.get(id)?.object !== undefined;
  const isKept = (entry: InventoryEntry) => entry.uid !== '' && nameOf(entry) === nameOf(kind);
  return objects.some(isSeen) || record.inventory.some(isKept);
}
