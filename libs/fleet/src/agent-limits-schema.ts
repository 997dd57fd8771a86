import { isJsonObject, parseYaml } from '@meridian/manifests';
import type { Json } from '@meridian/manifests';
import { z } from 'zod';
import type { AgentLimits, ChangeRate, DeletionLimits, Freeze } from './agent-limits.ts';
import type { Problem } from './fleet-api.ts';
import { problemAt } from './located-document.ts';
import { namePattern } from './names.ts';
import { schemaIssues } from './schema-issue.ts';

const mostNames = 1_000;
const namespaceName = z.string().regex(/^[a-z0-9*](?:[-a-z0-9*]{0,61}[a-z0-9*])?$/);
const kindName = z.string().regex(/^(?:[-a-z0-9.*]{1,253}\/)?[A-Za-z0-9*]{1,63}$/);
const registry = z
  .string()
  .max(512)
  .regex(
    /^(?:\*\.)?(?:localhost(?=$|[/:])|(?=[^/]*[.:])[a-z0-9](?:[-a-z0-9.]{0,253}[a-z0-9])?)(?::[0-9]{1,5})?(?:\/[a-z0-9][-a-z0-9._]*)*\/?$/,
  );
const names = (name: z.ZodType<string>) => z.array(name).max(mostNames);
const perMinute = z.number().int().min(1).max(100_000);
const line = z
  .string()
  .max(500)
  .regex(/^[^\p{Cc}]+$/u);

const freeze = z
  .strictObject({
    author: line.describe('Who has frozen the cluster.'),
    reason: line.describe('Why; everybody reads it.'),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Such as 2026-11-30T18:00:00Z. Default: until the freeze is taken away.'),
  })
  .describe('While it stands the agent writes and deletes nothing; it looks and reports.');

const deletions = z
  .strictObject({
    objects: z.number().int().min(0).max(1_000_000).optional().describe('At most so many objects.'),
    share: z
      .string()
      .regex(/^(?:100|[1-9]?[0-9])%$/)
      .optional()
      .describe('At most this share of the objects that the application has in the cluster.'),
    approved: z
      .array(
        z.strictObject({
          application: z.string().regex(namePattern),
          release: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        }),
      )
      .max(mostNames)
      .optional()
      .describe('Releases whose deletions go ahead, within what the hub allows.'),
  })
  .describe('How much one assignment may delete of an application; more of it, and nothing goes.');

/** An `AgentLimits` document: what the administrator of a cluster lets its agent do. */
export const agentLimitsSchema = z
  .strictObject({
    apiVersion: z.literal('meridian.dev/v1alpha1'),
    kind: z.literal('AgentLimits'),
    spec: z.strictObject({
      namespaces: z
        .strictObject({
          allowed: names(namespaceName).optional().describe('Only these. Default any.'),
          denied: names(namespaceName).optional().describe('None of these.'),
        })
        .optional()
        .describe(
          'Where objects may be; * stands for any text. The names of Namespaces are held to it, too.',
        ),
      kinds: z
        .strictObject({
          allowed: names(kindName).optional().describe('Only these. Default any.'),
          denied: names(kindName).optional().describe('None of these.'),
          clusterScoped: names(kindName)
            .optional()
            .describe('Of those outside namespaces only these; [] is none. Default any.'),
        })
        .optional()
        .describe(
          'GROUP/KIND such as apps/Deployment, or KIND in the core group; * alone is every kind, and stands for any text elsewhere.',
        ),
      registries: names(registry)
        .optional()
        .describe(
          'Where images may come from: HOST[:PORT][/PATH], or *.DOMAIN for all hosts below it. Docker Hub is docker.io. Default any.',
        ),
      changeRate: z
        .strictObject({
          writesPerMinute: perMinute.describe('Objects that are made or changed in a minute.'),
          deletionsPerMinute: perMinute
            .optional()
            .describe('Objects that are deleted in a minute, beside the writes. Default a quarter of these.'),
        })
        .optional()
        .describe('More has to wait; nothing is lost.'),
      deletions: deletions.optional(),
      freeze: freeze.optional(),
    }),
  })
  .describe('What the administrator of a cluster lets its agent do, whatever a hub says.');

type Spec = z.infer<typeof agentLimitsSchema>['spec'];

/** The limits of a file, or all that is wrong with it, with file, line and field. */
export type ParsedAgentLimits =
  | { readonly ok: true; readonly limits: AgentLimits }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the one `AgentLimits` document of a file; an empty file is refused, because it may be one that was cut short. */
export function parseAgentLimits(text: string, file: string): ParsedAgentLimits {
  const parsed = parseYaml(text, file);
  if ('errors' in parsed) return { ok: false, problems: parsed.errors };
  const [document, ...more] = parsed.documents.filter(({ value }) => value !== null);
  if (!document || more.length > 0) {
    const message = `the file must hold one AgentLimits document, not ${document ? more.length + 1 : 0}`;
    return { ok: false, problems: [{ file, message, fix: 'write kind: AgentLimits once' }] };
  }
  const place = { document: document.value, name: '', file, lineOf: document.lineOf };
  if (kindOf(document.value) !== 'AgentLimits') {
    const said = { message: 'the document is no AgentLimits', fix: 'write kind: AgentLimits' };
    return { ok: false, problems: [problemAt(place, kindOf(document.value) ? ['kind'] : [], said)] };
  }
  const read = agentLimitsSchema.safeParse(document.value);
  if (read.success) return { ok: true, limits: toLimits(read.data.spec) };
  const issues = schemaIssues(agentLimitsSchema, document.value);
  return { ok: false, problems: issues.map((issue) => problemAt(place, issue.path, issue)) };
}

function kindOf(value: Json): Json | undefined {
  return isJsonObject(value) ? value['kind'] : undefined;
}

function toLimits({
  changeRate,
  deletions: deleted,
  freeze: frozen,
  registries,
  ...spec
}: Spec): AgentLimits {
  return {
    ...spec,
    registries: registries?.map((entry) => entry.replace(/\/$/, '')),
    changeRate: changeRate && toChangeRate(changeRate),
    deletions: deleted && toDeletions(deleted),
    freeze: frozen && toFreeze(frozen),
  };
}

function toChangeRate({
  writesPerMinute,
  deletionsPerMinute = Math.max(1, Math.floor(writesPerMinute / 4)),
}: NonNullable<Spec['changeRate']>): ChangeRate {
  return { writesPerMinute, deletionsPerMinute };
}

function toDeletions({ objects, share, approved = [] }: NonNullable<Spec['deletions']>): DeletionLimits {
  return { objects, percent: share === undefined ? undefined : Number.parseInt(share, 10), approved };
}

function toFreeze({ author, reason, until }: NonNullable<Spec['freeze']>): Freeze {
  return { author, reason, ...(until === undefined ? {} : { untilMs: Date.parse(until) }) };
}
