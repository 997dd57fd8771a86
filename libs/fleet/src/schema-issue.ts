import { fieldText, nearest, type Json } from '@meridian/manifests';
import { z } from 'zod';

/** One thing a schema refuses, in words for the author of the document. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix?: string;
}

/** Everything the schema refuses in a document, unknown fields with the field that was probably meant. */
export function schemaIssues(schema: z.ZodType, document: Json): SchemaIssue[] {
  const parsed = schema.safeParse(document);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => explain(schema, issue, document));
}

type Issue = z.core.$ZodIssue;

function explain(schema: z.ZodType, issue: Issue, document: Json): SchemaIssue[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? step.toString() : step));
  if (issue.code === 'unrecognized_keys') {
    const allowed = fieldsAt(schema, path);
    return issue.keys.map((key) => unknownField([...path, key], key, allowed));
  }
  if (issue.code === 'invalid_union') {
    const inner = closest(issue.errors);
    if (inner)
      return inner.flatMap((each) =>
        explain(schema, { ...each, path: [...issue.path, ...each.path] }, document),
      );
  }
  const { message, fix } = describe(issue, path, valueAt(document, path));
  return [{ path, message, ...(fix === undefined ? {} : { fix }) }];
}

/** Of the alternatives of a union, the one whose complaints lie deepest is the one the author meant. */
function closest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deep = alternatives.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  const wrongOperator = (issues: readonly Issue[]): boolean =>
    issues.some((issue) => issue.path[0] === 'operator');
  return deep.find((issues) => !wrongOperator(issues)) ?? deep[0];
}

function unknownField(
  path: readonly (string | number)[],
  key: string,
  allowed: readonly string[],
): SchemaIssue {
  const meant = nearest(key, allowed);
  const list = allowed.length > 0 ? `; allowed are ${allowed.join(', ')}` : '';
  return {
    path,
    message: `unknown field ${fieldText(path)}`,
    fix: meant === undefined ? `remove it${list}` : `did you mean ${meant}?`,
  };
}

/** Field names that the schema allows at a path. */
function fieldsAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  const found = path.reduce<z.core.$ZodType | undefined>(
    (here, step) => (here ? child(unwrap(here), step) : undefined),
    schema,
  );
  const shape = found ? unwrap(found) : undefined;
  return shape instanceof z.ZodObject ? Object.keys(shape.shape) : [];
}

function child(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodObject)
    return Object.hasOwn(schema.shape, step) ? (schema.shape[step] as z.core.$ZodType) : undefined;
  return undefined;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) return unwrap(schema.unwrap());
  return schema instanceof z.ZodUnion ? unwrap(schema.options[0] ?? schema) : schema;
}

function describe(
  issue: Issue,
  path: readonly (string | number)[],
  value: Json | undefined,
): { message: string; fix?: string } {
  const field = path.length > 0 ? fieldText(path) : 'the document';
  if (value === undefined) return { message: `${field} is missing`, fix: `add ${field}` };
  if (value === null) return { message: `${field} is empty`, fix: 'give it a value or remove it' };
  const shown = typeof value === 'object' ? '' : `, not ${JSON.stringify(value).slice(0, 80)}`;
  const rule = ruleOf(issue, path);
  return {
    message: `${field} must be ${rule}${shown}`,
    ...(typeof value === 'number' && /text/.test(rule) ? { fix: 'quote it' } : {}),
  };
}

function ruleOf(issue: Issue, path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (last === 'maxConcurrent' || last === 'deletionBudget')
    return 'a whole number or a percentage such as 25%';
  if (last === 'operator') return 'one of In, NotIn, Exists, DoesNotExist';
  if (issue.code === 'invalid_type') return typeWord(issue.expected, last);
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format') return formatRule(last, path.at(-2));
  return issue.code === 'invalid_key' ? 'a valid label key' : boundRule(issue);
}

function typeWord(expected: string, field: string | number | undefined): string {
  if (field === 'min' || field === 'max') return 'a number';
  return typeWords[expected] ?? expected;
}

function boundRule(issue: Issue): string {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return `valid (${issue.message})`;
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  return issue.origin === 'array' ? `a list of ${bound}` : bound;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
};

const kindOfName = 'a kind such as ConfigMap, apps/Deployment or *.example.com/*';

/** What the items of a list must be, by the field that the list is in. */
const itemRules: ReadonlyMap<string | number | undefined, string> = new Map([
  ['clusterScoped', kindOfName],
  ['allowed', `a name in which * may stand for any text; in kinds ${kindOfName}`],
  ['denied', `a name in which * may stand for any text; in kinds ${kindOfName}`],
  ['roles', 'the name of a role: a-z, 0-9 and -, at most 63 characters'],
  ['registries', 'HOST, HOST:PORT, HOST/PATH or *.DOMAIN, in lower case and without scheme, user and tag'],
]);

const formatRules: ReadonlyMap<string | number | undefined, string> = new Map([
  ['url', 'a URL of http or https without user and fragment'],
  ['source', 'the name of a source of metrics: a-z, 0-9 and -, at most 63 characters'],
  ['until', 'a time such as 2026-11-30T18:00:00Z'],
  ['share', 'a percentage such as 25%'],
  ['release', 'the digest of a release: sha256: and 64 digits of 0-9 and a-f'],
  ['author', 'text of one line'],
  ['reason', 'text of one line'],
  ['soak', 'a duration such as 0s, 90s, 10m or 1h30m'],
  ['progressDeadline', 'a duration such as 0s, 90s, 10m or 1h30m'],
  ['path', 'a relative path inside the repo, without ..'],
  ['chart', 'a relative path below spec.source.path, without ..'],
  ['releaseName', 'a name of a-z, 0-9, - and ., at most 53 characters'],
  ['serviceAccount', 'the name of a service account in the namespace of the application, or NAMESPACE/NAME'],
  ['kubeVersion', 'a version such as v1.34.0'],
  ...['name', 'namespace', 'application', 'rolloutStrategy'].map(
    (field) => [field, 'a DNS label: a-z, 0-9 and -, at most 63 characters'] as const,
  ),
]);

function formatRule(field: string | number | undefined, parent: string | number | undefined): string {
  if (typeof field === 'number')
    return itemRules.get(parent) ?? 'a relative path inside the repo, without ..';
  return formatRules.get(field) ?? 'a valid label value: letters, digits, -, _ and ., at most 63 characters';
}

function valueAt(document: Json, path: readonly (string | number)[]): Json | undefined {
  let here: Json | undefined = document;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as { readonly [step: string | number]: Json })[step];
  }
  return here;
}

/** Stages of one strategy that share a name, and gates that do: a rollout could not tell them apart. */
export function stageIssues(kind: string, document: Json): SchemaIssue[] {
  const stages = kind === 'RolloutStrategy' ? valueAt(document, ['spec', 'stages']) : undefined;
  if (!Array.isArray(stages)) return [];
  const gates = stages.flatMap((_, index) =>
    ['before', 'after'].flatMap((list) => {
      const path = ['spec', 'stages', index, list];
      const found = valueAt(document, path);
      return Array.isArray(found) ? found.map((__, at) => [...path, at, 'name']) : [];
    }),
  );
  return [
    ...sharedNames(
      'stage',
      stages.map((_, index) => ['spec', 'stages', index, 'name']),
      document,
    ),
    ...sharedNames('gate', gates, document),
  ];
}

function sharedNames(
  what: string,
  paths: readonly (readonly (string | number)[])[],
  document: Json,
): SchemaIssue[] {
  const names = paths.map((path) => valueAt(document, path));
  return paths.flatMap((path, index) => {
    const name = names[index];
    if (typeof name !== 'string' || names.indexOf(name) === index) return [];
    const message = `two ${what}s are named ${JSON.stringify(name)}`;
    return [{ path, message, fix: `give each ${what} its own name` }];
  });
}
