import type { LabelReads } from '@meridian/kustomize';
import type { Reads, Rendering } from '@meridian/rendering';

/** A rendering that is kept, with everything it looked at. */
export type KeptRendering = Pick<Entry, 'reads' | 'rendering'>;

/** What a rendering was made of, besides its context: files and labels that were looked at. */
export interface Looked {
  readonly reads: Reads;
  readonly labelReads: LabelReads;
  /** What was seen of the labels. */
  readonly labels: string;
}

interface Entry extends Looked {
  /** Of the application in the cluster (`renderingContext`). */
  readonly context: string;
  readonly rendering: Rendering;
  readonly sizeBytes: number;
}

/** Fixed cost of an entry beside the bundle's bytes: paths, identities, keys. */
const entryOverheadBytes = 4_096;
/** About what a warning takes. */
const warningBytes = 1_024;

/**
 * The last rendering of each application in each cluster. It is used again while everything the resolver looked at is
 * the same, so that a commit costs what it touches. Holds at most `capBytes`; the least recently used goes first.
 */
export class BundleCache {
  readonly #capBytes: number;
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;

  constructor(capBytes: number) {
    this.#capBytes = capBytes;
  }

  get(key: string, context: string, isSame: (looked: Looked) => boolean): KeptRendering | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.context !== context || !isSame(entry)) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, found: Omit<Entry, 'sizeBytes'>): void {
    this.#drop(key);
    const { rendering } = found;
    const heldBytes = rendering.ok
      ? rendering.bundle.bytes.length + rendering.warnings.length * warningBytes
      : 0;
    const sizeBytes = entryOverheadBytes + heldBytes;
    this.#entries.set(key, { ...found, sizeBytes });
    this.#heldBytes += sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#heldBytes <= this.#capBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#heldBytes -= this.#entries.get(key)?.sizeBytes ?? 0;
    this.#entries.delete(key);
  }
}
