import type { Moves } from '@meridian/fleet';
import { keyText } from '@meridian/manifests';
import type { InventoryEntry } from '../ports.ts';
import { objectName } from './object-name.ts';

/** Who is to take an object over by the word of the hub; `unknown` when the hub cannot tell yet, or not name all of them. */
export type Taker = { readonly application: string } | 'unknown';

type Takers = ReadonlyMap<string, Taker>;

const known = new WeakMap<Moves, Takers>();

/** Who is to take over what left the bundle; undefined for what nobody wants, which may be deleted. */
export function takerOf(moves: Moves | undefined, entry: InventoryEntry): Taker | undefined {
  if (!moves) return undefined;
  const takers = known.get(moves) ?? takersIn(moves);
  known.set(moves, takers);
  return takers.get(keyText(entry)) ?? (moves.isPartial ? 'unknown' : undefined);
}

function takersIn({ to, unclear = [] }: Moves): Takers {
  const takers = new Map<string, Taker>(unclear.map((id) => [id, 'unknown']));
  for (const [application, ids] of Object.entries(to)) for (const id of ids) takers.set(id, { application });
  return takers;
}

const shown = 3;

/** What people are told of objects that are kept for others; empty without any. */
export function waitText(moves: Moves | undefined, entries: readonly InventoryEntry[]): string {
  const names = new Map<string, string[]>();
  for (const entry of entries) {
    const taker = takerOf(moves, entry) ?? 'unknown';
    const whom = taker === 'unknown' ? '' : taker.application;
    names.set(whom, [...(names.get(whom) ?? []), objectName(entry)]);
  }
  return [...names].map(([whom, objects]) => groupText(whom, objects)).join('; ');
}

function groupText(application: string, objects: readonly string[]): string {
  const more = objects.length - shown;
  const list = `${objects.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return application === ''
    ? `keeps ${list} until the hub knows whether another application takes over`
    : `waits for application ${application} to take over ${list}`;
}
