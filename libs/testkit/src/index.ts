export { findOnPath, findPart, requirePart } from './find-part.ts';
export type { PartName } from './part-catalog.ts';
export { ensureParts, PartsError } from './parts.ts';
export type { EnsurePartsOptions } from './parts.ts';
