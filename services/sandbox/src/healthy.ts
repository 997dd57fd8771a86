import { setTimeout as wait } from 'node:timers/promises';
import { placementCounts, readFleet, unfinished } from './fleet-api.ts';
import type { FleetAccess, FleetPicture } from './fleet-api.ts';
import { fleetHead } from './fleet-repo.ts';
import { apiUrls } from './sandbox-file.ts';
import type { RunningFleet } from './start.ts';

/** How the fleet was last seen. */
export interface Outlook {
  readonly picture: FleetPicture | undefined;
  /** How many placements are well, of how many. */
  readonly counts: { readonly well: number; readonly total: number };
  /** Empty when everything is synced and healthy at the newest commit. */
  readonly unfinished: readonly string[];
}

/** How long so many clusters may take to be healthy, on two cores that have other work too. */
export function healthyWithinMs(clusters: number): number {
  return Math.max(300_000, clusters * 12_000);
}

/** Waits until everything is healthy at the newest commit, or until time is up. */
export async function waitUntilHealthy(
  fleet: RunningFleet,
  options: {
    readonly withinMs: number;
    readonly signal: AbortSignal;
    readonly onProgress: (text: string) => void;
  },
): Promise<Outlook> {
  const deadlineMs = performance.now() + options.withinMs;
  let shown = '';
  for (;;) {
    const lookedMs = performance.now();
    const outlook = await lookAt(fleet, options.signal);
    const tookMs = performance.now() - lookedMs;
    if (outlook.unfinished.length === 0 || performance.now() > deadlineMs) return outlook;
    const text = progressText(outlook);
    if (text !== shown) options.onProgress(text);
    shown = text;
    // Looking at a large fleet takes time that its hubs need to make it healthy.
    await wait(Math.max(300, 4 * tookMs), undefined, { signal: options.signal });
  }
}

/** One look at the fleet. */
export async function lookAt(
  fleet: Pick<RunningFleet, 'data' | 'plan' | 'token' | 'startedAtMs'>,
  signal: AbortSignal,
): Promise<Outlook> {
  const access: FleetAccess = { urls: apiUrls(fleet.plan), token: fleet.token };
  const picture = await readFleet(access, signal);
  if (picture === undefined)
    return {
      picture,
      counts: { well: 0, total: 0 },
      unfinished: [`no hub answers at ${access.urls.join(' or ')}`],
    };
  const sinceMs = fleet.startedAtMs;
  const open = unfinished(picture, { revision: await fleetHead(fleet.data), sinceMs });
  return { picture, counts: placementCounts(picture, sinceMs), unfinished: open };
}

function progressText({ picture, counts, unfinished: open }: Outlook): string {
  if (picture === undefined) return open[0] ?? '';
  const { well, total } = counts;
  return total === 0 ? (open[0] ?? '') : `${well} of ${total} placements are well`;
}
