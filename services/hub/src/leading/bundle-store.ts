import { keyOf, keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { RolloutState } from '@meridian/rollout';
import type { RenderedBundle } from '@meridian/rendering';
import type { ReleasedApplication } from '../releases/releases.ts';
import { eachOf } from './each-of.ts';

/** Where bundles are kept. */
export interface BundlesPort {
  put(cluster: string, digest: string, bytes: Uint8Array): Promise<void>;
  missing(cluster: string, digests: readonly string[]): Promise<string[]>;
  get(cluster: string, digest: string): Promise<Uint8Array>;
  keep(cluster: string, digests: readonly string[]): Promise<string[]>;
}

const mostRemembered = 20_000;

/** What one leader knows of stored bundles: which are there, and which objects they hold. */
export class BundleStore {
  readonly #bundles: BundlesPort;
  readonly #stored = new Set<string>();
  readonly #keys = new Map<string, readonly string[]>();

  constructor(bundles: BundlesPort) {
    this.#bundles = bundles;
  }

  /**
   * Stores every bundle of a release that is not known to be stored. Assignments may be written after that only. Throws
   * FaultError `unavailable` when the signal aborts: whoever does not lead any more must not keep others from it for as
   * long as a large fleet's bundles take.
   */
  async putAll({ bundles }: ReleasedApplication, signal?: AbortSignal): Promise<void> {
    const missing = [...bundles].filter(([cluster, { digest }]) => !this.#stored.has(`${cluster} ${digest}`));
    await eachOf(missing, async ([cluster, bundle]) => {
      if (signal?.aborted)
        throw new FaultError('unavailable', 'storing bundles was stopped', { retry: 'later' });
      await this.put(cluster, bundle);
    });
  }

  /** Those of a cluster's digests that are not stored, as the store itself says now. */
  async lost(cluster: string, digests: readonly string[]): Promise<string[]> {
    const lost = await this.#bundles.missing(cluster, digests);
    // What lost one may have lost others: nothing that is remembered as stored is certain any more.
    if (lost.length > 0) this.#stored.clear();
    return lost;
  }

  /** Stores a bundle, whatever is known of it. */
  async put(cluster: string, { digest, bytes, keys }: RenderedBundle): Promise<void> {
    await this.#bundles.put(cluster, digest, bytes);
    if (this.#stored.size >= mostRemembered) this.#stored.clear();
    this.#stored.add(`${cluster} ${digest}`);
    this.#remember(digest, keys);
  }

  /** For each cluster: how many objects of the bundle it was given last are not in its new one. */
  async removals(
    state: RolloutState | undefined,
    { bundles }: ReleasedApplication,
  ): Promise<{ [cluster: string]: number }> {
    const removed = new Map<string, number>();
    // A hub that has just started asks the store for the last bundle of each cluster.
    await eachOf([...bundles], async ([cluster, next]) => {
      const placed = state?.placed[cluster];
      if (placed?.bundle === undefined || placed.bundle === next.digest) return;
      const before = await this.keysOf(cluster, placed.bundle);
      const kept = new Set(next.keys);
      // A bundle that is lost may have held anything: then all of it counts as removed, and a person decides.
      removed.set(cluster, before ? before.filter((key) => !kept.has(key)).length : placed.objects);
    });
    const removals: { [cluster: string]: number } = {};
    for (const cluster of bundles.keys()) {
      const count = removed.get(cluster);
      if (count !== undefined) removals[cluster] = count;
    }
    return removals;
  }

  /** Removes old bundles of a cluster that nothing refers to any more. */
  async tidy(cluster: string, digests: readonly string[]): Promise<void> {
    for (const digest of await this.#bundles.keep(cluster, digests))
      this.#stored.delete(`${cluster} ${digest}`);
  }

  /** The keys of all objects of a stored bundle; undefined when it is lost. */
  async keysOf(cluster: string, digest: string): Promise<readonly string[] | undefined> {
    const known = this.#keys.get(digest);
    if (known) return known;
    try {
      const keys = keysIn(await this.#bundles.get(cluster, digest));
      this.#remember(digest, keys);
      return keys;
    } catch (error) {
      if (error instanceof FaultError && (error.code === 'not_found' || error.code === 'invalid'))
        return undefined;
      throw error;
    }
  }

  #remember(digest: string, keys: readonly string[]): void {
    if (this.#keys.size >= mostRemembered) this.#keys.clear();
    this.#keys.set(digest, keys);
  }
}

/** The digest of these bytes was checked when they were read, so they are what this hub stored. */
function keysIn(bytes: Uint8Array): string[] {
  const { objects } = JSON.parse(new TextDecoder().decode(bytes)) as { objects: readonly KubeObject[] };
  return objects.map((object) => keyText(keyOf(object)));
}
