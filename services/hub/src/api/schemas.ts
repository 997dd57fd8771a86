import { dependencyScopes, holdScopes } from '@meridian/fleet';
import type {
  ApiError,
  ApplicationView,
  ClusterView,
  DoctorView,
  DriftView,
  ExplainView,
  FleetEvent,
  FleetView,
  PlacementView,
  Problem,
  RenderView,
} from '@meridian/fleet';
import { z } from 'zod';
import { approvalNeededSchema, rolloutSchema } from './rollout-schema.ts';
import { count, timeMs } from './scalars.ts';

// The shapes of answers, for the OpenAPI document and for tests; `satisfies` holds them to the types that the views have.

const health = z.enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown']);
const syncState = z.enum(['Synced', 'OutOfSync', 'Applying', 'Failed']);
const syncView = z.enum(['Synced', 'OutOfSync', 'Applying', 'Failed', 'Unknown']);
const age = { observedAtMs: timeMs, ageMs: z.number(), stale: z.boolean() };
const key = z.object({ group: z.string(), kind: z.string(), namespace: z.string(), name: z.string() });

export const problemSchema = z.object({
  file: z.string(),
  line: z.int().exactOptional(),
  field: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
  message: z.string(),
  fix: z.string().exactOptional(),
  application: z.string().exactOptional(),
  revision: z.string().exactOptional(),
}) satisfies z.ZodType<Problem>;

export const fleetSchema = z.object({
  hub: z.object({ id: z.string(), leader: z.string().nullable(), term: count, version: z.string() }),
  source: z.object({
    url: z.string(),
    branch: z.string(),
    revision: z.string().nullable(),
    fetchedAtMs: timeMs.nullable(),
    ageMs: z.number().nullable(),
    stale: z.boolean(),
    message: z.string(),
  }),
  clusters: z.object({ total: count, connected: count, stale: count }),
  applications: z.object({ total: count, synced: count, healthy: count, frozen: count, drifted: count }),
  holds: z
    .array(
      z.object({
        scope: z.enum([...holdScopes, 'pause', 'freeze']),
        name: z.string(),
        author: z.string(),
        reason: z.string(),
        sinceMs: timeMs,
        untilMs: timeMs.exactOptional(),
      }),
    )
    .exactOptional()
    .describe('What persons hold now'),
  problems: z.array(problemSchema),
}) satisfies z.ZodType<FleetView>;

const limitsSchema = z
  .object({
    stopped: z.boolean().describe('Nothing is written in the cluster now'),
    rules: z.array(z.string()).describe('What is allowed, one sentence each'),
    freeze: z
      .object({ author: z.string(), reason: z.string(), untilMs: timeMs.exactOptional() })
      .exactOptional()
      .describe('Who stopped all writes, and why'),
    problem: z.string().exactOptional().describe('Why the newest limits are not followed'),
  })
  .describe('Limits that the administrator of the cluster has set its agent; no hub can lift them');

export const clusterSchema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  connected: z.boolean(),
  status: z
    .object({
      cluster: z.string(),
      session: z.string(),
      version: z.string(),
      startedAtMs: timeMs,
      clusterUid: z.string(),
      kubernetesVersion: z.string(),
      sourceConnected: z.boolean(),
      sourceReadAtMs: timeMs,
      limits: limitsSchema.exactOptional(),
      certificate: z
        .object({ startsAtMs: timeMs, endsAtMs: timeMs })
        .exactOptional()
        .describe('The certificate that the agent attached with'),
      ...age,
    })
    .nullable(),
  applications: count,
  synced: count,
  healthy: count,
  drifted: count,
}) satisfies z.ZodType<ClusterView>;

const drift = {
  key,
  change: z.enum(['modified', 'deleted']),
  manager: z.string(),
  fields: z.array(z.object({ path: z.string(), desired: z.string(), live: z.string() })),
  firstSeenMs: timeMs,
  healedAtMs: timeMs.exactOptional(),
};

export const driftSchema = z.object({
  ...drift,
  cluster: z.string(),
  application: z.string(),
}) satisfies z.ZodType<DriftView>;

const placementSchema = z.object({
  cluster: z.string(),
  assigned: z
    .object({ release: z.string(), revision: z.string(), generation: count, term: count })
    .nullable(),
  status: z
    .object({
      cluster: z.string(),
      application: z.string(),
      release: z.string(),
      revision: z.string(),
      bundle: z.string(),
      generation: count,
      term: count,
      incarnation: z.string(),
      sync: syncState,
      health,
      message: z.string(),
      objects: z.array(z.object({ key, health, reason: z.string() })),
      drift: z.array(z.object(drift)),
      refusedDeletions: count.exactOptional(),
      appliedAtMs: timeMs.exactOptional(),
      healthSinceMs: timeMs,
      ...age,
    })
    .nullable(),
  pause: z
    .object({ sinceMs: timeMs, untilMs: timeMs, author: z.string(), reason: z.string() })
    .exactOptional()
    .describe('While a person has stopped the application in this cluster'),
  sync: syncView,
  health,
  message: z.string(),
}) satisfies z.ZodType<PlacementView>;

export const applicationSchema = z.object({
  name: z.string(),
  path: z.string(),
  rolloutStrategy: z.string(),
  dependsOn: z
    .array(z.object({ application: z.string(), scope: z.enum(dependencyScopes) }))
    .exactOptional()
    .describe(
      'What has to be healthy before it is pushed: in the cluster that is pushed to, or in the whole fleet',
    ),
  release: z.string().nullable(),
  revision: z.string().nullable(),
  sync: syncView,
  health,
  frozen: z.array(problemSchema),
  warnings: z.array(problemSchema),
  approvalNeeded: approvalNeededSchema.nullable(),
  placements: z.array(placementSchema),
  rollout: rolloutSchema.nullable(),
}) satisfies z.ZodType<ApplicationView>;

export const eventSchema = z.object({
  atMs: timeMs,
  level: z.enum(['info', 'warning', 'error']),
  type: z.string(),
  application: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
  revision: z.string().exactOptional(),
  message: z.string(),
}) satisfies z.ZodType<FleetEvent>;

export const renderSchema = z.object({
  application: z.string(),
  cluster: z.string(),
  revision: z.string(),
  digest: z.string(),
  yaml: z.string(),
}) satisfies z.ZodType<RenderView>;

const place = { file: z.string(), line: z.int().exactOptional() };

export const explainSchema = z.object({
  application: z.string(),
  cluster: z.string(),
  revision: z.string(),
  object: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional(),
    name: z.string(),
  }),
  fields: z.array(
    z.object({
      field: z.string(),
      history: z
        .array(
          z.object({
            value: z.unknown().exactOptional().describe('Without it the field was taken away'),
            source: z.object({
              ...place,
              field: z.string().exactOptional().describe('Entry of a kustomization, such as `replicas[0]`'),
              by: z.string().exactOptional().describe('Kind of the generator or transformer'),
              written: z.object(place).exactOptional().describe('Where the value stands, such as a patch'),
            }),
          }),
        )
        .describe('Everything that set the field, oldest first: the last one counts'),
    }),
  ),
}) satisfies z.ZodType<ExplainView>;

export const doctorSchema = z.object({
  checks: z.array(
    z.object({ name: z.string(), ok: z.boolean(), message: z.string(), fix: z.string().exactOptional() }),
  ),
}) satisfies z.ZodType<DoctorView>;

export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), fix: z.string().exactOptional() }),
}) satisfies z.ZodType<ApiError>;

/** A cluster or application name. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and -, at most 63');

/** A release digest. */
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be a release digest, sha256:<64 hex digits>');
