import { z } from 'zod';
import { durationToMs } from './duration.ts';
import type { Gate } from './gate.ts';
import { namePattern } from './names.ts';

/** A Job travels in the assignments of its stage, and the strategy in the state of each rollout. */
const mostJobCharacters = 16_384;
const mostGates = 8;

/** A duration within bounds that are given as people write them. */
function durationFrom(least: string, most: string) {
  return z.string().refine((text) => {
    const ms = durationToMs(text);
    return ms !== undefined && ms >= (durationToMs(least) ?? 0) && ms <= (durationToMs(most) ?? 0);
  }, `must be a duration from ${least} to ${most}`);
}

const firstInstall = z
  .enum(['hold', 'pass'])
  .exactOptional()
  .describe(
    'Of a gate before a stage, where no cluster of the stage has the application yet: hold waits, pass goes on. Default hold.',
  );

const approval = z
  .strictObject({
    required: z
      .number()
      .int()
      .min(1)
      .max(20)
      .exactOptional()
      .describe('How many different people. Default 1.'),
    roles: z
      .array(z.string().regex(namePattern))
      .min(1)
      .max(20)
      .exactOptional()
      .describe('Whose approval counts: people with one of these roles. Default everybody.'),
    excludeAuthor: z
      .boolean()
      .exactOptional()
      .describe('Authors of the commits that the release brings do not count. Default true.'),
    expiresAfter: durationFrom('1m', '30d')
      .exactOptional()
      .describe('How long an approval counts while the gate is not passed, from 1m to 30d. Default 24h.'),
  })
  .describe('People have to agree to exactly this release.');

const bound = z.number();
const metric = z
  .strictObject({
    source: z
      .string()
      .regex(namePattern)
      .describe('Name of a source of metrics that the administrators of the clusters have configured.'),
    query: z
      .string()
      .min(1)
      .max(2_000)
      .describe(
        'PromQL with one number as its answer. {{cluster}}, {{application}}, {{namespace}}, {{release}} and {{revision}} are filled in.',
      ),
    interval: durationFrom('10s', '1h')
      .exactOptional()
      .describe('How often it is asked, from 10s to 1h. Default 1m.'),
    min: bound.exactOptional().describe('The least that is good.'),
    max: bound.exactOptional().describe('The most that is good.'),
    aggregate: z
      .enum(['every', 'mean', 'sum', 'min', 'max'])
      .exactOptional()
      .describe(
        'every: the number of each cluster has to be good; otherwise one number of all clusters of the stage. Default every.',
      ),
    for: durationFrom('0s', '7d')
      .exactOptional()
      .describe('How long it has to be good without a break, up to 7d. Default 5m.'),
    failAfter: durationFrom('0s', '7d')
      .exactOptional()
      .describe('How long it may be bad without a break before the gate fails, up to 7d. Default 0s.'),
    firstInstall,
  })
  .superRefine(({ min, max }, context) => {
    if (min === undefined && max === undefined)
      context.addIssue({ code: 'custom', message: 'needs min, max or both: what a good number is' });
    else if (min !== undefined && max !== undefined && min > max)
      context.addIssue({ code: 'custom', path: ['min'], message: 'must not be above max' });
  })
  .describe(
    'A query that agents ask in their clusters. An answer that is missing, old or not a number waits.',
  );

const job = z
  .strictObject({
    spec: z
      .record(z.string(), z.json())
      .refine(
        (spec) => JSON.stringify(spec).length <= mostJobCharacters,
        `must have at most ${mostJobCharacters} characters as JSON`,
      )
      .describe('The spec of a Job of batch/v1 that has to complete in each cluster of the stage.'),
    timeout: durationFrom('10s', '1d')
      .exactOptional()
      .describe('How long it may take, from 10s to 1d. Default 10m.'),
    firstInstall,
  })
  .describe('A Job that agents run in the namespace of the application.');

const webhook = z
  .strictObject({
    url: z
      .string()
      .max(2_000)
      .regex(
        /^https?:\/\/[^\s/?#@]+(?:[/?][^\s#]*)?$/,
        'must be a URL of http or https without user and fragment',
      )
      .describe(
        'Where the hub asks. Its origin has to be among those that the administrator of the hub allows.',
      ),
    interval: durationFrom('5s', '1h')
      .exactOptional()
      .describe('How often it is asked, from 5s to 1h. Default 30s.'),
  })
  .describe('Another system that says pass, fail or wait.');

const kinds = ['approval', 'metric', 'job', 'webhook'] as const;

/** One gate of a stage: its name and exactly one kind. */
const gateSchema = z
  .strictObject({
    name: z
      .string()
      .max(40)
      .regex(namePattern)
      .describe(
        'Says in messages which gate it is; at most 40 characters, and no other gate of the strategy has it.',
      ),
    approval: approval.exactOptional(),
    metric: metric.exactOptional(),
    job: job.exactOptional(),
    webhook: webhook.exactOptional(),
  })
  .superRefine((gate, context) => {
    const given = kinds.filter((kind) => gate[kind] !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: `must have exactly one of ${kinds.join(', ')}` });
  });

/** The gates before or after a stage. */
export const gatesSchema = z.array(gateSchema).min(1).max(mostGates);

type GateDocument = z.infer<typeof gateSchema>;

/** The gate that a valid document declares, with the defaults of absent fields. */
export function toGate({ name, ...kinds }: GateDocument): Gate {
  if (kinds.approval) return toApproval(name, kinds.approval);
  if (kinds.metric) return toMetric(name, kinds.metric);
  if (kinds.job) {
    const { spec, timeout = '10m', firstInstall: first = 'hold' } = kinds.job;
    return { kind: 'job', name, spec, timeoutMs: msOf(timeout), firstInstall: first };
  }
  const { url = '', interval = '30s' } = kinds.webhook ?? {};
  return { kind: 'webhook', name, url, intervalMs: msOf(interval) };
}

function toApproval(name: string, document: z.infer<typeof approval>): Gate {
  const { required = 1, roles, excludeAuthor = true, expiresAfter = '24h' } = document;
  const who = { required, ...(roles ? { roles } : {}), excludeAuthor };
  return { kind: 'approval', name, ...who, expiresAfterMs: msOf(expiresAfter) };
}

const metricDefaults = {
  interval: '1m',
  aggregate: 'every',
  for: '5m',
  failAfter: '0s',
  firstInstall: 'hold',
} as const;

function toMetric(name: string, document: z.infer<typeof metric>): Gate {
  const { interval, for: forText, failAfter, ...rest } = { ...metricDefaults, ...document };
  const times = { intervalMs: msOf(interval), forMs: msOf(forText), failAfterMs: msOf(failAfter) };
  return { kind: 'metric', name, ...rest, ...times };
}

function msOf(text: string): number {
  return durationToMs(text) ?? 0;
}
