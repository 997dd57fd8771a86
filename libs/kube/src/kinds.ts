import { FaultError } from '@meridian/runtime';
import {
  aggregatedAccept,
  discoveryOf,
  isAggregated,
  kindsOfAggregated,
  kindsOfResources,
  versionsOfGroups,
} from './discovery.ts';
import type { Discovery, KubeKind } from './discovery.ts';
import { jsonFromWire } from './from-wire.ts';
import { versionPath } from './resource-path.ts';
import { sharedWork } from './shared-work.ts';

/** Sends a GET and gives the body of a success. */
export type Fetch = (path: string, accept: string, signal: AbortSignal) => Promise<string>;

/** The kinds of one cluster, kept for a while. */
export interface Kinds {
  discover(signal: AbortSignal): Promise<Discovery>;
  /** The kind; asks the server again when it is unknown. Throws `not_found` (later) when the server does not serve it. */
  resolve(apiVersion: string, kind: string, signal: AbortSignal): Promise<KubeKind>;
  /** Makes the next `resolve` ask again, after a path turned out to be gone. */
  forget(): void;
}

const keptForMs = 600_000;
/** A burst of objects of an unknown kind must not become a burst of discoveries. */
const askAgainAfterMs = 1_000;

/** Keeps the discovery of a cluster that `fetch` speaks to; `nowMs` is a monotonic clock. */
export function createKinds(fetch: Fetch, nowMs: () => number): Kinds {
  let kept: { readonly discovery: Discovery; readonly atMs: number } | undefined;
  const asking = sharedWork(async (signal) => {
    const discovery = await readDiscovery(fetch, signal);
    kept = { discovery, atMs: nowMs() };
    return discovery;
  });
  const discover = async (signal: AbortSignal): Promise<Discovery> => {
    if (kept !== undefined && nowMs() - kept.atMs < keptForMs) return kept.discovery;
    return asking.join(signal);
  };
  return {
    discover,
    async resolve(apiVersion, kind, signal) {
      const known = (await discover(signal)).find(apiVersion, kind);
      if (known) return known;
      const isFresh = kept !== undefined && nowMs() - kept.atMs < askAgainAfterMs;
      const found = isFresh ? undefined : (await asking.join(signal)).find(apiVersion, kind);
      if (found) return found;
      throw new FaultError(
        'not_found',
        `the cluster does not serve ${kind} of ${apiVersion}: is its CustomResourceDefinition installed?`,
        {
          retry: 'later',
        },
      );
    },
    forget() {
      kept = undefined;
    },
  };
}

async function readDiscovery(fetch: Fetch, signal: AbortSignal): Promise<Discovery> {
  const [core, groups] = await Promise.all([
    fetch('/api', aggregatedAccept, signal),
    fetch('/apis', aggregatedAccept, signal),
  ]);
  const answers = [jsonFromWire(core, 'discovery'), jsonFromWire(groups, 'discovery')];
  if (answers.every(isAggregated)) return discoveryOf(answers.flatMap(kindsOfAggregated));
  const versions = ['v1', ...answers.flatMap(versionsOfGroups)];
  const kinds: KubeKind[] = [];
  for (const version of versions) kinds.push(...(await readVersion(fetch, version, signal)));
  return discoveryOf(kinds);
}

/** A group whose own server is away (an aggregated API) must not hide the other groups. */
async function readVersion(fetch: Fetch, version: string, signal: AbortSignal): Promise<KubeKind[]> {
  try {
    return kindsOfResources(
      jsonFromWire(await fetch(versionPath(version), 'application/json', signal), 'discovery'),
      version,
    );
  } catch (error) {
    if (error instanceof FaultError && version !== 'v1') return [];
    throw error;
  }
}
