import { z } from 'zod';
import { agentLimitsSchema } from './agent-limits-schema.ts';
import { dependsOnSchema } from './dependency-schema.ts';
import { fieldManagerPolicies } from './documents.ts';
import { durationPattern } from './duration.ts';
import { healthRuleSchema } from './health-rule.ts';
import { helmSchema } from './helm-schema.ts';
import { namePattern } from './names.ts';
import { repoPath } from './repo-path.ts';
import { overridesSchema } from './override-schema.ts';
import { policySpec } from './policy-schema.ts';
import { labels, selector } from './selector-schema.ts';
import { gatesSchema } from './gate-schema.ts';
import { windowSchema } from './window-schema.ts';
import { syncRulesShape } from './sync-rules-schema.ts';

/** The API version of every fleet configuration document. */
export const fleetApiVersion = 'meridian.dev/v1alpha1';

const name = z.string().regex(namePattern).describe('DNS label: a-z, 0-9 and -, at most 63 characters.');
const duration = z.string().regex(durationPattern).describe('Duration such as 0s, 90s, 10m or 1h30m.');
const finite = z
  .string()
  .regex(/^(?=.*[1-9])(?:\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h|d)){1,4}$/)
  .describe('Duration above zero such as 90s, 10m or 1h30m.');
const fieldManagerRule = z.strictObject({
  manager: z
    .string()
    .min(1)
    .max(128)
    .describe('Name of a field manager, such as kubectl-edit; * stands for any text.'),
  policy: z
    .enum(fieldManagerPolicies)
    .describe(
      'force: the bundle wins. adopt: what they set beside it is removed, too. yield: they keep what they have. fail: nothing is written where they disagree.',
    ),
});

// The pattern proves what the type says; a template literal of zod would accept any number.
const percent = z.string().regex(/^(?:100|[1-9]?[0-9])%$/) as unknown as z.ZodType<`${number}%`>;

const metadata = z.strictObject({
  name,
  labels: labels.optional(),
  annotations: z
    .record(z.string(), z.string())
    .optional()
    .describe('Notes for people; Meridian does not read them.'),
});

const header = <Kind extends string>(kind: Kind) => ({
  apiVersion: z.literal(fleetApiVersion),
  kind: z.literal(kind),
  metadata,
});

/** A `Cluster` document: one Kubernetes cluster with one agent, described by its labels. */
export const clusterSchema = z
  .strictObject({ ...header('Cluster'), spec: z.strictObject({}).optional() })
  .describe('One Kubernetes cluster with one agent. Its labels say region, tier, GPU type and the like.');

/** An `Application` document: what is deployed, where to, and how it is kept in sync. */
export const applicationSchema = z
  .strictObject({
    ...header('Application'),
    spec: z.strictObject({
      source: z.strictObject({
        path: repoPath.describe('Directory of the application in the fleet repo.'),
        overlays: z
          .array(repoPath)
          .min(1)
          .max(32)
          .optional()
          .describe(
            'Search order below path; the first that exists is built. {cluster.name} and {LABEL} come from the cluster. Default: the path itself.',
          ),
        helm: helmSchema.optional(),
        overrides: overridesSchema(selector),
        variables: z
          .boolean()
          .optional()
          .describe(
            'Replace ${cluster.name} and ${cluster.labels.LABEL} in the values of all objects, also those of overrides. Default false.',
          ),
      }),
      placement: selector.describe('Which clusters run the application; {} means every cluster.'),
      namespace: name.describe('Namespace for namespaced objects that name none.'),
      rolloutStrategy: name.describe('Name of a RolloutStrategy.'),
      project: name.optional().describe('Project that it belongs to: a hold of the project holds it, too.'),
      dependsOn: dependsOnSchema
        .optional()
        .describe(
          'Applications that have to be healthy at the release that git has for them before this one is pushed.',
        ),
      syncPolicy: z
        .strictObject({
          prune: z.boolean().optional().describe('Delete objects that left the application. Default true.'),
          selfHeal: z.boolean().optional().describe('Undo changes made by hand. Default true.'),
          createNamespace: z
            .boolean()
            .optional()
            .describe('Create the namespace when it is missing. Default false.'),
          deletionBudget: z
            .union([z.number().int().min(0).max(100_000), percent])
            .optional()
            .describe(
              'How many objects (or what share) one release may remove from a cluster without an approval. Default 50%.',
            ),
          fieldManagers: z
            .array(fieldManagerRule)
            .max(50)
            .optional()
            .describe('What is done about fields of other managers; the first rule that fits counts.'),
          ...syncRulesShape,
        })
        .refine(({ namespaceMetadata, createNamespace }) => !namespaceMetadata || createNamespace === true, {
          path: ['namespaceMetadata'],
          message: 'is only for a namespace that Meridian makes; set createNamespace: true',
        })
        .refine((policy) => policy.respectIgnoreDifferences !== true || policy.ignoreDifferences, {
          path: ['respectIgnoreDifferences'],
          message: 'is about the fields of ignoreDifferences, and there are none',
        })
        .optional(),
    }),
  })
  .describe('What is deployed: a source path, an overlay search order, placement and sync policy.');

const stageSchema = z.strictObject({
  name,
  clusters: selector,
  maxConcurrent: z
    .union([z.number().int().min(1).max(100_000), percent])
    .optional()
    .describe('How many clusters (or what share of the stage) move at once. Default 1.'),
  soak: duration
    .optional()
    .describe('How long every cluster must stay healthy before the next stage. Default 0s.'),
  mandatory: z
    .boolean()
    .optional()
    .describe(
      'The stage has to have clusters, and none of them may fail, whatever the failure budget is. Default false.',
    ),
  before: gatesSchema
    .optional()
    .describe('What has to be so before anything of the stage is pushed. Default nothing.'),
  after: gatesSchema
    .optional()
    .describe('What has to be so, once every cluster is healthy, before the next stage. Default nothing.'),
});

/** The state of a rollout holds its strategy, and has to fit into one message of the ledger (1 MB), with a thousand clusters as well. */
const mostStageCharacters = 131_072;

/** A `RolloutStrategy` document: ordered stages and what makes a rollout halt. */
export const strategySchema = z
  .strictObject({
    ...header('RolloutStrategy'),
    spec: z.strictObject({
      stages: z
        .array(stageSchema)
        .min(1)
        .max(100)
        .refine(
          (stages) => JSON.stringify(stages).length <= mostStageCharacters,
          `must have at most ${mostStageCharacters} characters as JSON, with the Jobs of their gates`,
        )
        .describe('In order. Clusters that no stage selects follow in a final implicit stage.'),
      progressDeadline: finite
        .optional()
        .describe('A cluster that is not healthy after this long counts as failed. Default 10m.'),
      failureBudget: z
        .union([z.number().int().min(0).max(100_000), percent])
        .optional()
        .describe(
          'How many clusters, or what share of all clusters of the rollout (rounded down), may fail before the rollout halts. Default 0.',
        ),
      onBreach: z
        .enum(['pause', 'rollback'])
        .optional()
        .describe(
          'Once the budget is spent: rollback sends every cluster back to the last release that completed, in reverse order of the stages; pause stops and waits for a person. Default pause.',
        ),
      onNewer: z
        .enum(['supersede', 'queue'])
        .optional()
        .describe(
          'A newer release while a rollout moves: supersede takes its place at once and keeps what is proven; queue waits until it has ended. Default supersede.',
        ),
      windows: z
        .array(windowSchema)
        .min(1)
        .max(32)
        .refine((windows) => new Set(windows.map(({ name }) => name)).size === windows.length, {
          message: 'must have a name of its own each',
        })
        .optional()
        .describe(
          'When clusters may be pushed to. Reports, healing and going back do not wait for a window. Default at any time.',
        ),
      start: z
        .enum(['automatic', 'manual'])
        .optional()
        .describe('manual: every release waits until a person starts it. Default automatic.'),
    }),
  })
  .describe('Ordered stages, how many clusters move at once, and how long each may take.');

/** A `Policy` document: what rendered objects are held to before they are released. */
export const policySchema = z
  .strictObject({ ...header('Policy'), spec: policySpec(selector) })
  .describe('What rendered objects are held to before they are released, in expressions of CEL.');

/** The schema of each kind of fleet configuration document. */
export const fleetSchemas = {
  Cluster: clusterSchema,
  Application: applicationSchema,
  RolloutStrategy: strategySchema,
  Policy: policySchema,
  HealthRule: healthRuleSchema,
} as const;

/** A kind of fleet configuration document. */
export type FleetKind = keyof typeof fleetSchemas;

/** Shape of a valid `Cluster` document. */
export type ClusterDocument = z.infer<typeof clusterSchema>;
/** Shape of a valid `Application` document. */
export type ApplicationDocument = z.infer<typeof applicationSchema>;
/** Shape of a valid `RolloutStrategy` document. */
export type StrategyDocument = z.infer<typeof strategySchema>;
/** Shape of a valid `Policy` document. */
export type PolicyDocument = z.infer<typeof policySchema>;
/** Shape of a valid `HealthRule` document. */
export type HealthRuleDocument = z.infer<typeof healthRuleSchema>;

/** JSON Schemas (draft 7, what YAML editors read) by lower-case kind, from the same source as the parser. */
export function fleetJsonSchemas(): { readonly [kind in Lowercase<FleetKind> | 'agentlimits']: object } {
  return {
    cluster: jsonSchema('Cluster'),
    application: jsonSchema('Application'),
    rolloutstrategy: jsonSchema('RolloutStrategy'),
    policy: jsonSchema('Policy'),
    healthrule: jsonSchema('HealthRule'),
    agentlimits: jsonSchemaOf('AgentLimits', agentLimitsSchema),
  };
}

function jsonSchema(kind: FleetKind): object {
  return jsonSchemaOf(kind, fleetSchemas[kind]);
}

function jsonSchemaOf(kind: string, schema: z.ZodType): object {
  return {
    ...z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }),
    title: `Meridian ${kind}`,
  };
}
