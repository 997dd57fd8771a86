export { Directory, FileNode } from './directory.ts';
export type { DirectoryNode, EntryKind } from './directory.ts';
export type { PlaceInCommit } from './directory-ids.ts';
export { GitTree } from './git-tree.ts';
export { openMirror } from './mirror.ts';
export type { CommitInfo, Fetched, Mirror, MirrorOptions } from './mirror.ts';
export { openRepository } from './repository.ts';
export type { Repository, RepositoryOptions } from './repository.ts';
export type { LoadedTree, TreeEntry, TreeLimits } from './tree.ts';
