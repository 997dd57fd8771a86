import { createHash } from 'node:crypto';
import { BuildCache, resolveApplication, treeOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';
import { digestNatively } from '@meridian/rendering';
import {
  applicationOf,
  sampleOverlays,
  withChangedBase,
  withChangedImage,
  withChangedOverlay,
} from './resolver-files.ts';

/** How many overlays there are, and of how many models with eight objects each. */
export interface OverlaysSize {
  readonly overlays: number;
  readonly models: number;
}

/**
 * Which state of the files is rendered: as they are at first, with nothing kept; after so many changes of a line of the base that
 * no overlay is about, or of one that all overlays are about; or after one of an overlay on top of so many of the second sort.
 */
export type FilesState =
  | { readonly kind: 'first' }
  | { readonly kind: 'image changed' | 'base changed' | 'overlay changed'; readonly times: number };

const application = 'model';

/** Renders overlays from files in memory to canonical JSON with a digest, with what it keeps from one state to the next. */
export class OverlayRendering {
  readonly #first: { readonly [path: string]: string };
  readonly #clusters: readonly number[];
  #cache = new BuildCache();

  /** `isOurs` says which of the overlays it renders. */
  constructor({ overlays, models }: OverlaysSize, isOurs: (index: number) => boolean) {
    this.#first = sampleOverlays(overlays, models);
    this.#clusters = Array.from({ length: overlays }, (_, index) => index).filter(isOurs);
  }

  /** A tree for `render`, which tells what is the same as in another one, as a commit does by its blob ids. */
  prepare(state: FilesState): FileTree {
    if (state.kind === 'first') this.#cache = new BuildCache();
    const files = Object.fromEntries(
      Object.entries(this.#filesIn(state)).map(([path, text]) => [`${application}/${path}`, text]),
    );
    const tree = treeOf(files);
    const ids = new Map(
      Object.entries(files).map(([path, text]) => [path, createHash('sha1').update(text).digest('hex')]),
    );
    return {
      ...tree,
      identity: (path) => ids.get(path) ?? tree.list(path)?.join('/') ?? 'nothing',
    };
  }

  /** Renders the overlays of a tree that was prepared; the first only when just one of them has changed. */
  render(tree: FileTree, { kind }: FilesState): void {
    const clusters = kind === 'overlay changed' ? this.#clusters.slice(0, 1) : this.#clusters;
    for (const index of clusters) {
      const resolved = resolveApplication({
        tree,
        application: applicationOf(application, application),
        cluster: { name: `c${index}`, labels: {} },
        cache: this.#cache,
        digest: digestNatively,
      });
      if ('errors' in resolved) throw new Error(resolved.errors.map(({ message }) => message).join('; '));
    }
  }

  #filesIn(state: FilesState): { readonly [path: string]: string } {
    if (state.kind === 'first') return this.#first;
    if (state.kind === 'base changed') return withChangedBase(this.#first, state.times);
    if (state.kind === 'image changed') return withChangedImage(this.#first, state.times);
    return withChangedOverlay(withChangedImage(this.#first, state.times), 0);
  }
}
