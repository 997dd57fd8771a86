export { adoptFields } from './adopt-fields.ts';
export { fieldsAtVersion } from './fields-at-version.ts';
export type { Adoption } from './adopt-fields.ts';
export { attribute, differingFields, diffProjection } from './drift.ts';
export type { DiffOptions } from './drift.ts';
export { fieldsOwnedBy, managedFieldsOf, ownsPath } from './field-set.ts';
export type { FieldSet } from './field-set.ts';
export { ignoredFieldsBy } from './ignored-fields.ts';
export type { IgnoredFields, IgnoredFieldsOf, IgnoredPlaces } from './ignored-fields.ts';
export { copyPlaces, keepPlaces } from './keep-places.ts';
export type { Keeping } from './keep-places.ts';
export { namePattern } from './name-pattern.ts';
export { fieldsNamedBy } from './named-fields.ts';
export { planPrune } from './plan-prune.ts';
export type { PrunePlan } from './plan-prune.ts';
export { projectFields } from './project.ts';
export type { ProjectedField, Projection } from './project.ts';
export { isIdle, planApplication, planCluster } from './revisions/application-plan.ts';
export type {
  ApplicationComparison,
  ApplicationDocuments,
  ApplicationPlan,
  ClusterObjects,
  ClusterPlan,
  ClusterPlanRules,
  NeededApproval,
} from './revisions/application-plan.ts';
export type { FieldChange } from './revisions/field-changes.ts';
export { foldClusters } from './revisions/fold.ts';
export type { Folded } from './revisions/fold.ts';
export { withMoves } from './revisions/moves.ts';
export type { ComparedApplication } from './revisions/moves.ts';
export { makesRun } from './revisions/object-changes.ts';
export type { ObjectChange } from './revisions/object-changes.ts';
export { alteredFields } from './altered-fields.ts';
export { standsAsApplied } from './stands-as-applied.ts';
export { stripPlaces } from './strip-places.ts';
export type { KeptLabel } from './strip-places.ts';
export { yieldFields } from './yield-fields.ts';
export type { FieldOwner, Yielded } from './yield-fields.ts';
