export { dependencyScopes } from './dependency.ts';
export type { Dependency, DependencyScope } from './dependency.ts';
export type {
  AgentLimits,
  ApprovedDeletions,
  ChangeRate,
  DeletionLimits,
  Freeze,
  NameLimits,
} from './agent-limits.ts';
export { parseAgentLimits } from './agent-limits-schema.ts';
export type { ParsedAgentLimits } from './agent-limits-schema.ts';
export type {
  Application,
  Cluster,
  FieldManagerPolicy,
  FieldManagerRule,
  FleetConfig,
  HelmSource,
  LabelSelector,
  LocatedError,
  RolloutStrategy,
  Stage,
} from './documents.ts';
export { fieldManagerPolicies } from './documents.ts';
export type { ApprovalGate, Gate, JobGate, MetricGate, WebhookGate } from './gate.ts';
export type { Override, OverrideImage, OverridePatch, PatchTarget } from './override.ts';
export type { NamedExpression, Policy, PolicyValidation, ResourceRule } from './policy.ts';
export { checkLimits, checkPhases, checkTimes } from './check.ts';
export type { Check, CheckReport, JobCheck, MetricCheck } from './check.ts';
export { assignmentPayloadType, isPausedAt, longestPauseMs } from './release.ts';
export type {
  Assignment,
  Bundle,
  BundleRef,
  HighWaterMark,
  Moves,
  Pause,
  Release,
  SignedEnvelope,
} from './release.ts';
export type { IgnoreRule, NamespaceMetadata, RetryRules, SyncRules } from './sync-rules.ts';
export type {
  AgentStatus,
  ApplicationStatus,
  Drift,
  FieldDrift,
  FleetEvent,
  Health,
  LimitsReport,
  ObjectStatus,
  SyncState,
} from './status.ts';
export { rolloutVerbs } from './fleet-api.ts';
export type {
  Age,
  ApiError,
  ApplicationView,
  ApprovalNeeded,
  AuditEntry,
  ClusterView,
  DoctorView,
  DriftView,
  ExplainedField,
  ExplainedObject,
  ExplainView,
  FieldSource,
  EventsView,
  FleetView,
  GateView,
  PlacementView,
  Problem,
  RenderView,
  PinView,
  RolloutPhase,
  RolloutVerb,
  RolloutView,
  Said,
} from './fleet-api.ts';
export { withDeclaredPlace } from './declaration.ts';
export type { Declaration, DeclaredPlace } from './declaration.ts';
export { durationToMs } from './duration.ts';
export { parseFleetConfig } from './fleet-config.ts';
export type { FleetFile, ParsedFleetConfig, PolicyCheck } from './fleet-config.ts';
export { parseHealthRules } from './health-rule.ts';
export { withNeededHealth } from './health-rules-for.ts';
export type { HealthCheck, HealthRule, HealthRuleCheck, ParsedHealthRules } from './health-rule.ts';
export { idleOverrides } from './idle-overrides.ts';
export { parseName } from './names.ts';
export { serviceAccountOf, serviceAccountPattern } from './service-account.ts';
export type { ServiceAccount } from './service-account.ts';
export { fleetApiVersion, fleetJsonSchemas } from './schema.ts';
export type { SchemaIssue } from './schema-issue.ts';
export { matchesSelector } from './selector.ts';
export { windowAt } from './window.ts';
export type { RolloutWindow } from './window.ts';
export { holdScopes, isHeldAt, longestHoldMs } from './hold.ts';
export type { Hold, HoldScope } from './hold.ts';
