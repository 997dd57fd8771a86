export { resolveApplication } from './application.ts';
export type { ApplicationRequest, ResolvedApplication } from './application.ts';
export { buildKustomization } from './build.ts';
export type { Built } from './build.ts';
export { buildDirectory, buildSource } from './directory.ts';
export { resolveOverlay } from './overlay.ts';
export type { ResolvedOverlay } from './overlay.ts';
export { treeOf } from './tree.ts';
export type { FileTree } from './tree.ts';
