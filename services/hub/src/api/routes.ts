import { z } from 'zod';
import { auditRoutes } from './audit-routes.ts';
import { enrolmentRoutes } from './enrolment-routes.ts';
import { holdRoutes } from './hold-routes.ts';
import { pauseRoutes } from './pause-routes.ts';
import type { ApiPorts } from './ports.ts';
import { rolloutRoutes } from './rollout-routes.ts';
import { found, route, streamRoute } from './route.ts';
import type { Route } from './route.ts';
import {
  applicationSchema,
  clusterSchema,
  digestSchema,
  doctorSchema,
  driftSchema,
  eventSchema,
  explainSchema,
  fleetSchema,
  nameSchema,
  renderSchema,
} from './schemas.ts';
import { rolloutSchema } from './rollout-schema.ts';

const maxPage = 1_000;
/** Longest list of a filtered event query: events are read newest first and filtered here. */
const maxScan = 1_000;
const commandTimeoutMs = 10_000;

const page = (preset: number) =>
  z.coerce.number().int().min(1).max(maxPage).default(preset).describe(`How many at most, up to ${maxPage}`);
const approvalBody = z.strictObject({
  release: digestSchema,
  reason: z.string().trim().min(1).max(500),
  deletions: z
    .record(nameSchema, z.int().positive())
    .exactOptional()
    .describe(
      'The deletions of `approvalNeeded` as they were shown, by cluster. A cluster that refuses to delete gets leave only by its number',
    ),
});
const commitStart = z
  .string()
  .regex(/^[0-9a-f]{7,64}$/, 'must be a commit id of 7 to 64 hex digits; branches and tags are not taken')
  .optional()
  .describe('A commit id or the start of one; the newest revision unless told');
const accepted = z.object({ accepted: z.literal(true) });
const named = z.object({ name: nameSchema });

/** Every operation of the fleet API. */
export function fleetRoutes(ports: ApiPorts): Route[] {
  return [
    ...readRoutes(ports),
    ...renderRoutes(ports),
    ...listRoutes(ports),
    ...actionRoutes(ports),
    ...pauseRoutes(ports),
    ...rolloutRoutes(ports),
    ...holdRoutes(ports),
    ...auditRoutes(ports),
    ...enrolmentRoutes(ports),
    ...streamRoutes(),
  ];
}

function readRoutes({ reader, doctor }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/fleet',
      summary: 'The fleet in one look: leader, source, counts, and everything that freezes an application',
      answer: fleetSchema,
      handle: () => reader.fleet(),
    }),
    route({
      method: 'GET',
      path: '/v1/applications/{name}',
      summary: 'One application in all its clusters',
      params: named,
      answer: applicationSchema,
      handle: ({ params }) => found(reader.application(params.name), `application ${params.name}`),
    }),
    route({
      method: 'GET',
      path: '/v1/rollouts/{id}',
      summary: 'One rollout by its id',
      params: z.object({
        id: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,80})$/, 'must be a rollout id such as web-3'),
      }),
      answer: rolloutSchema,
      handle: ({ params }) =>
        found(
          reader.rollouts().find(({ id }) => id === params.id),
          `rollout ${params.id}`,
        ),
    }),
    route({
      method: 'GET',
      path: '/v1/doctor',
      summary: 'Checks of the whole fleet, each with what to do when it fails',
      answer: doctorSchema,
      handle: ({ signal }) => doctor(signal),
    }),
  ];
}

function renderRoutes({ render, explain }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/applications/{name}/render',
      summary:
        'The manifests of an application for one cluster, as the hub resolves them, at the newest revision unless told; no policy is asked; values of Secrets are masked',
      params: named,
      query: z.object({ cluster: nameSchema, revision: commitStart }),
      answer: renderSchema,
      handle: ({ params, query: { cluster, revision }, signal }) =>
        render({ application: params.name, cluster, ...(revision && { revision }) }, signal),
    }),
    route({
      method: 'GET',
      path: '/v1/applications/{name}/explain',
      summary:
        'Which files and transformers set the fields of an object for one cluster, at the newest revision unless told; values of Secrets are masked',
      params: named,
      query: z.object({
        cluster: nameSchema,
        object: z
          .string()
          .min(1)
          .max(600)
          .describe('`deployment/web`, `deployment.apps/web` or `NAMESPACE/deployment/web`'),
        field: z
          .string()
          .max(1_000)
          .optional()
          .describe('Such as `.spec.containers[name=server].image`; all fields unless told'),
        revision: commitStart,
      }),
      answer: explainSchema,
      handle: ({ params, query: { cluster, object, field, revision }, signal }) =>
        explain(
          {
            application: params.name,
            cluster,
            object,
            ...(field !== undefined && { field }),
            ...(revision && { revision }),
          },
          signal,
        ),
    }),
  ];
}

function listRoutes({ reader, events }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/clusters',
      summary: 'All clusters with the age of what their agents last said',
      answer: z.array(clusterSchema),
      handle: () => reader.clusters(),
    }),
    route({
      method: 'GET',
      path: '/v1/applications',
      summary: 'All applications',
      answer: z.array(applicationSchema),
      handle: () => reader.applications(),
    }),
    route({
      method: 'GET',
      path: '/v1/rollouts',
      summary: 'Rollouts, the newest first',
      query: z.object({ application: nameSchema.optional(), limit: page(200) }),
      answer: z.array(rolloutSchema),
      handle: ({ query }) =>
        reader
          .rollouts()
          .filter(({ application }) => query.application === undefined || application === query.application)
          .slice(0, query.limit),
    }),
    route({
      method: 'GET',
      path: '/v1/drift',
      summary: 'Drift, the present first, then what was healed lately',
      query: z.object({
        application: nameSchema.optional(),
        cluster: nameSchema.optional(),
        limit: page(500),
      }),
      answer: z.array(driftSchema),
      handle: ({ query }) => reader.drift().filter(matching(query)).slice(0, query.limit),
    }),
    route({
      method: 'GET',
      path: '/v1/events',
      summary: 'What happened, the newest first',
      query: z.object({
        application: nameSchema.optional(),
        cluster: nameSchema.optional(),
        limit: page(100),
      }),
      answer: z.array(eventSchema),
      handle: async ({ query }) => {
        const isFiltered = query.application !== undefined || query.cluster !== undefined;
        const newest = await events.recent(isFiltered ? maxScan : query.limit);
        return newest.filter(matching(query)).slice(0, query.limit);
      },
    }),
  ];
}

function actionRoutes(ports: ApiPorts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/applications/{name}/approve',
      summary:
        'Accepts the deletions of exactly one release, in the numbers that were seen; the ledger keeps who and why',
      params: named,
      body: approvalBody,
      answer: z.looseObject({}),
      handle: async ({ params, body, who }) => {
        found(ports.reader.application(params.name), `application ${params.name}`);
        const approval = {
          kind: 'approveDeletions',
          application: params.name,
          author: who.name,
          ...body,
        } as const;
        const answer = await ports.command(approval, commandTimeoutMs);
        return typeof answer === 'object' && answer !== null ? answer : { accepted: true };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/refresh',
      summary: 'Asks all hub replicas to look at the fleet repo now, as a webhook does',
      answer: accepted,
      status: 202,
      handle: () => {
        ports.refresh();
        return { accepted: true };
      },
    }),
  ];
}

function streamRoutes(): Route[] {
  return [
    streamRoute({
      path: '/v1/watch',
      summary:
        'The fleet, its clusters, applications and rollouts: all of them first, then each that changes',
      stream: 'fleet',
      answer: z.union([fleetSchema, clusterSchema, applicationSchema, rolloutSchema]),
    }),
    streamRoute({
      path: '/v1/rollouts/{application}/watch',
      summary: 'The present rollout of one application, and each change of it',
      stream: 'rollout',
      params: z.object({ application: nameSchema }),
      answer: rolloutSchema,
    }),
    streamRoute({
      path: '/v1/events/stream',
      summary: 'Events from now on',
      stream: 'events',
      answer: eventSchema,
    }),
  ];
}

function matching(query: {
  readonly application?: string | undefined;
  readonly cluster?: string | undefined;
}) {
  return (item: { readonly application?: string; readonly cluster?: string }) =>
    (query.application === undefined || item.application === query.application) &&
    (query.cluster === undefined || item.cluster === query.cluster);
}
