import type {
  ApplicationView,
  AuditEntry,
  ClusterView,
  DoctorView,
  DriftView,
  ExplainView,
  FleetEvent,
  FleetView,
  RenderView,
  RolloutView,
} from '@meridian/fleet';

// The hub validates what it says; these only tell a fleet API from another program, or from a version too far apart.

function hasKeys(value: unknown, keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

function listOf(value: unknown, keys: readonly string[]): boolean {
  return Array.isArray(value) && value.every((entry) => hasKeys(entry, keys));
}

/** Answer of `GET /v1/fleet`. */
export const isFleet = (value: unknown): value is FleetView =>
  hasKeys(value, ['hub', 'source', 'clusters', 'applications', 'problems']);

/** Answer of `GET /v1/clusters`. */
export const isClusters = (value: unknown): value is ClusterView[] =>
  listOf(value, ['name', 'labels', 'connected']);

/** Answer of `POST /v1/clusters/:name/enrolment`. */
export interface Enrolment {
  readonly cluster: string;
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Whether it is one. */
export const isEnrolment = (value: unknown): value is Enrolment =>
  hasKeys(value, ['cluster', 'token', 'expiresAtMs']);

const applicationKeys = ['name', 'sync', 'health', 'placements', 'frozen', 'warnings'];

/** Answer of `GET /v1/applications`. */
export const isApplications = (value: unknown): value is ApplicationView[] => listOf(value, applicationKeys);

/** Answer of `GET /v1/applications/:name`. */
export const isApplication = (value: unknown): value is ApplicationView => hasKeys(value, applicationKeys);

/** Answer of `GET /v1/rollouts`. */
export const isRollouts = (value: unknown): value is RolloutView[] =>
  listOf(value, ['id', 'application', 'phase', 'stages']);

/** Answer of `GET /v1/drift`. */
export const isDrift = (value: unknown): value is DriftView[] =>
  listOf(value, ['cluster', 'application', 'key', 'fields']);

/** Answer of `GET /v1/events`. */
export const isEvents = (value: unknown): value is FleetEvent[] => listOf(value, ['atMs', 'type', 'message']);

/** Answer of `GET /v1/audit`. */
export const isAudit = (value: unknown): value is AuditEntry[] =>
  listOf(value, ['sequence', 'author', 'action']);

/** One event of the stream. */
export const isEvent = (value: unknown): value is FleetEvent => hasKeys(value, ['atMs', 'type', 'message']);

/** Answer of `GET /v1/applications/:name/render`. */
export const isRender = (value: unknown): value is RenderView => hasKeys(value, ['yaml', 'digest']);

/** Answer of `GET /v1/applications/:name/explain`. */
export const isExplain = (value: unknown): value is ExplainView =>
  hasKeys(value, ['revision', 'object', 'fields']);

/** Answer of `GET /v1/doctor`. */
export const isDoctor = (value: unknown): value is DoctorView => hasKeys(value, ['checks']);

/** Any JSON object. */
export const isObject = (value: unknown): value is { readonly [key: string]: unknown } => hasKeys(value, []);
