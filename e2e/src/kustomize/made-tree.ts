/** A file tree to build, and in which order its objects are wanted. */
export interface MadeTree {
  readonly files: { readonly [path: string]: string };
  readonly root: string;
  readonly reorder: 'none' | 'legacy';
}
