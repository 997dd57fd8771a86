export { attribute, differingFields, diffProjection, maxFieldDrifts } from './drift.ts';
export type { DiffOptions } from './drift.ts';
export { fieldsOwnedBy, managedFieldsOf, ownsPath, parseFieldSet } from './field-set.ts';
export type { FieldSet, ManagedFields } from './field-set.ts';
export { planPrune } from './plan-prune.ts';
export type { PrunePlan } from './plan-prune.ts';
export { projectFields } from './project.ts';
export type { ProjectedField, Projection } from './project.ts';
