import { isJsonObject, parseYaml } from '@meridian/manifests';
import type { YamlDocument } from '@meridian/manifests';
import { z } from 'zod';
import type { Problem } from './fleet-api.ts';
import { duplicate, problemAt, withoutDuplicates } from './located-document.ts';
import type { Located } from './located-document.ts';
import { namePattern } from './names.ts';
import { schemaIssues } from './schema-issue.ts';
import type { SchemaIssue } from './schema-issue.ts';
import { selector } from './selector-schema.ts';
import type { Health } from './status.ts';

const expression = z.string().min(1).max(4_096).describe('An expression in CEL that sees object.');
const health = z
  .enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'])
  .describe('The health that it gives.');
const group = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)?$/)
  .describe('A group such as ml.example.com; "" is that of Pods.');
const kind = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/)
  .describe('A kind such as ModelServer.');
const message = z.string().min(1).max(1_024);

/** A `HealthRule` document: how objects of some kinds are judged. */
export const healthRuleSchema = z
  .strictObject({
    apiVersion: z.literal('meridian.dev/v1alpha1'),
    kind: z.literal('HealthRule'),
    metadata: z.strictObject({ name: z.string().regex(namePattern).describe('DNS label.') }),
    spec: z.strictObject({
      description: z.string().max(4_096).optional().describe('Why there is such a rule; for people.'),
      applications: selector
        .optional()
        .describe('Which applications it judges, by their labels, in clusters. Default all.'),
      resourceRules: z
        .array(
          z.strictObject({
            apiGroups: z.array(group).min(1).max(64),
            kinds: z.array(kind).min(1).max(64),
          }),
        )
        .min(1)
        .max(64)
        .describe('Which kinds it judges.'),
      checks: z
        .array(
          z.strictObject({
            expression,
            health,
            message: message.optional().describe('The reason.'),
            messageExpression: expression
              .optional()
              .describe('Gives the reason; message stands in when it fails.'),
          }),
        )
        .min(1)
        .max(64)
        .describe('Looked at in their order; the first that holds gives the health.'),
      otherwise: z
        .strictObject({ health, message: message.optional() })
        .optional()
        .describe('When none holds. Default Progressing.'),
    }),
  })
  .describe('How objects of some kinds are judged, in expressions of CEL.');

/** One check of a rule: the health that it gives when its expression holds. */
export interface HealthCheck {
  readonly expression: string;
  readonly health: Health;
  readonly message?: string | undefined;
  readonly messageExpression?: string | undefined;
}

/** How objects of some kinds are judged, by the first of the checks that holds. */
export interface HealthRule {
  readonly name: string;
  readonly resourceRules: readonly {
    readonly apiGroups: readonly string[];
    readonly kinds: readonly string[];
  }[];
  readonly checks: readonly HealthCheck[];
  readonly otherwise: { readonly health: Health; readonly message?: string | undefined };
}

/** What is wrong with the expressions of a rule, which takes more than a schema to tell. */
export type HealthRuleCheck = (rule: HealthRule) => readonly SchemaIssue[];

/** The rules of a file in their order, or all that is wrong with it, with file, line and field. */
export type ParsedHealthRules =
  | { readonly ok: true; readonly rules: readonly HealthRule[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the `HealthRule` documents of a file; a document of any other kind is refused. */
export function parseHealthRules(text: string, file: string, check: HealthRuleCheck): ParsedHealthRules {
  const parsed = parseYaml(text, file);
  if ('errors' in parsed) return { ok: false, problems: parsed.errors };
  const problems: Problem[] = [];
  const found: Located<HealthRule>[] = [];
  for (const document of parsed.documents) {
    if (document.value === null) continue;
    const read = readRule(document, file, check);
    if (Array.isArray(read)) problems.push(...read);
    else found.push({ document: read, name: read.name, file, lineOf: document.lineOf });
  }
  const kept = withoutDuplicates(found, (copy, first) =>
    problems.push(problemAt(copy, ['metadata', 'name'], duplicate('health rule', copy, first))),
  );
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, rules: kept.map(({ document }) => document) };
}

function readRule(
  { value, lineOf }: YamlDocument,
  file: string,
  check: HealthRuleCheck,
): HealthRule | Problem[] {
  const place = { document: value, name: '', file, lineOf };
  const written = isJsonObject(value) ? value['kind'] : undefined;
  if (written !== 'HealthRule') {
    const message = 'the document is no HealthRule';
    return [
      problemAt(place, isJsonObject(value) ? ['kind'] : [], { message, fix: 'write kind: HealthRule' }),
    ];
  }
  const read = healthRuleSchema.safeParse(value);
  if (!read.success)
    return schemaIssues(healthRuleSchema, value).map((issue) => problemAt(place, issue.path, issue));
  const rule = toHealthRule(read.data);
  const issues = check(rule);
  return issues.length > 0 ? issues.map((issue) => problemAt(place, issue.path, issue)) : rule;
}

/** The rule that a valid document declares, with the defaults of absent fields. */
export function toHealthRule({ metadata, spec }: z.infer<typeof healthRuleSchema>): HealthRule {
  const { resourceRules, checks, otherwise = { health: 'Progressing' as const } } = spec;
  return { name: metadata.name, resourceRules, checks, otherwise };
}
