import { tellAltered } from './altered-objects.ts';
import type { AlteredDesks } from './altered-objects.ts';
import type { Announcer } from './announcer.ts';
import { tellEndedFights } from './fights.ts';
import type { Held } from './held.ts';

/** Tells what a turn has shown of all objects together. `nowMs` is monotonic. */
export function tellAfterTurn(
  held: Held,
  nowMs: number,
  desks: AlteredDesks & { readonly announce: Pick<Announcer, 'calmed'> },
): void {
  tellEndedFights(held, nowMs, desks.announce);
  tellAltered(held, desks);
}
