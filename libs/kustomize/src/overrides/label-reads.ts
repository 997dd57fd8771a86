import type { Cluster } from '@meridian/fleet';
import { canonicalJson } from '@meridian/manifests';

/** The labels of its cluster that a rendering looked at: their keys, or that it looked at all of them. */
export type LabelReads = readonly string[] | 'all';

type Labels = Cluster['labels'];

/** Takes note of every label that is looked at, as a tree takes note of paths. */
export class RecordedLabels {
  readonly #keys = new Set<string>();
  #isAll = false;
  readonly labels: Labels;

  constructor(labels: Labels) {
    const note = (key: string | symbol): void => {
      if (typeof key === 'string') this.#keys.add(key);
    };
    this.labels = new Proxy(labels, {
      get: (all, key) => {
        note(key);
        return typeof key === 'string' && Object.hasOwn(all, key) ? all[key] : undefined;
      },
      has: (all, key) => {
        note(key);
        return Object.hasOwn(all, key);
      },
      getOwnPropertyDescriptor: (all, key) => {
        note(key);
        return Object.getOwnPropertyDescriptor(all, key);
      },
      ownKeys: (all) => {
        this.#isAll = true;
        return Reflect.ownKeys(all);
      },
    });
  }

  /** What was looked at so far. */
  get reads(): LabelReads {
    return this.#isAll ? 'all' : [...this.#keys].sort();
  }
}

/** What a rendering has seen of labels, as a text that is the same for labels that would give the same rendering. */
export function labelsSeen(reads: LabelReads, labels: Labels): string {
  const entries = Object.entries(labels);
  return canonicalJson(
    reads === 'all' ? labels : Object.fromEntries(entries.filter(([key]) => reads.includes(key))),
  );
}
