import { utf8Bytes } from '@meridian/manifests';
import type { Application, LabelSelector } from './documents.ts';
import { toSelector } from './from-document.ts';
import { toHealthRule } from './health-rule.ts';
import type { HealthRule } from './health-rule.ts';
import type { HealthRuleDocument } from './schema.ts';
import { matchesSelector } from './selector.ts';
import type { SyncRules } from './sync-rules.ts';

/** Most bytes that the rules of one application may have as JSON: they ride in every assignment of it. */
const mostHealthRuleBytes = 49_152;

/** A rule, and which applications it is for. */
export interface SelectingRule {
  readonly rule: HealthRule;
  readonly applications: LabelSelector;
}

/** The rule of a valid document with its selector. */
export function toSelectingRule(document: HealthRuleDocument): SelectingRule {
  return { rule: toHealthRule(document), applications: toSelector(document.spec.applications ?? {}) };
}

/** The rules for an application with these labels, in their order. */
function healthRulesFor(
  rules: readonly SelectingRule[],
  labels: { readonly [key: string]: string },
): readonly HealthRule[] {
  return rules.filter(({ applications }) => matchesSelector(applications, labels)).map(({ rule }) => rule);
}

/** The application with the rules that are for it. */
export function withHealthRules(application: Application, rules: readonly SelectingRule[]): Application {
  const health = healthRulesFor(rules, application.labels);
  if (health.length === 0) return application;
  const { syncPolicy } = application;
  return { ...application, syncPolicy: { ...syncPolicy, rules: { ...syncPolicy.rules, health } } };
}

/** Why an application with these labels cannot have all rules that are for it; undefined when it can. */
export function tooManyRules(
  rules: readonly SelectingRule[],
  labels: { readonly [key: string]: string },
): { readonly message: string; readonly fix: string } | undefined {
  const bytes = utf8Bytes(JSON.stringify(healthRulesFor(rules, labels))).length;
  if (bytes <= mostHealthRuleBytes) return undefined;
  return {
    message: `the health rules for it take ${bytes} bytes, and an assignment has room for ${mostHealthRuleBytes}`,
    fix: 'let spec.applications of the rules select fewer applications, or shorten the rules',
  };
}

/**
 * The rules with only those for health that judge a kind among these objects (`keyText`), so that a change of any other is
 * none; undefined when no rule is left.
 */
export function withNeededHealth(
  { health = [], ...others }: SyncRules,
  keys: Iterable<string>,
): SyncRules | undefined {
  const kinds = new Set([...keys].map((key) => key.split('/', 2).join('/')));
  const needed = health.filter(({ resourceRules }) =>
    resourceRules.some(({ apiGroups, kinds: named }) =>
      apiGroups.some((group) => named.some((kind) => kinds.has(`${group}/${kind}`))),
    ),
  );
  const rules = needed.length === 0 ? others : { ...others, health: needed };
  return Object.keys(rules).length === 0 ? undefined : rules;
}
