export { noCharts } from './chart-renderer.ts';
export type { ChartContent, ChartRenderer, RenderedChart, WantedOutput } from './chart-renderer.ts';
export type { CommitDirectory, CommitFile, CommitNode, CommitTree } from './commit-tree.ts';
export { digestNatively } from './digest-natively.ts';
export { renderInRevision } from './render-in-revision.ts';
export type {
  RenderedBundle,
  RenderedInRevision,
  Rendering,
  RenderSource,
  RenderSubject,
} from './render-in-revision.ts';
export { RenderPool } from './render-pool.ts';
export type { RenderLimits, RenderRequest } from './render-pool.ts';
export type { JobOutcome } from './render-thread.ts';
export { RevisionFiles } from './revision-files.ts';
export type { Reads, RevisionFile } from './revision-files.ts';
