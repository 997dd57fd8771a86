import type { IgnoreRule, SyncRules } from '@meridian/fleet';
import { findPlaces, parseJqPath, parseJsonPointer } from '@meridian/manifests';
import type { KubeObject, ObjectKey, ObjectPath, Step } from '@meridian/manifests';
import { namePattern } from './name-pattern.ts';
import { stripPlaces } from './strip-places.ts';
import type { KeptLabel } from './strip-places.ts';

/** The ignored places of an object, or why they cannot be told. */
export type IgnoredPlaces =
  | { readonly ok: true; readonly places: readonly (readonly Step[])[] }
  | { readonly ok: false; readonly reason: string };

/** Which fields of an object others may have as they like. */
export interface IgnoredFields {
  /** Whether these fields are left as they are when the object is written, too. */
  readonly respects: boolean;
  /** The rules, as text that differs where they do. */
  readonly text: string;
  /** Whether what a field manager owns in the cluster is ignored. */
  readonly isTrusted: (manager: string) => boolean;
  readonly placesIn: (object: KubeObject) => IgnoredPlaces;
  /** The object without its ignored places; as it is when they cannot be told. */
  readonly strip: (object: KubeObject) => KubeObject;
}

/** Tells what is ignored of an object; undefined where nothing is. */
export type IgnoredFieldsOf = (key: ObjectKey) => IgnoredFields | undefined;

/** Makes the rules of an application ready to be asked. What they name is parsed once. */
export function ignoredFieldsBy(
  { ignoreDifferences = [], respectIgnoreDifferences }: SyncRules = {},
  kept: KeptLabel,
): IgnoredFieldsOf {
  const respects = respectIgnoreDifferences === true;
  const rules = ignoreDifferences.map(readRule);
  return (key) => {
    const fitting = rules.filter(({ fits }) => fits(key));
    return fitting.length === 0 ? undefined : fieldsOf(fitting, respects, kept);
  };
}

interface ReadRule {
  readonly rule: IgnoreRule;
  readonly fits: (key: ObjectKey) => boolean;
  readonly trusted: readonly ((manager: string) => boolean)[];
  readonly paths: readonly ObjectPath[];
  /** What a hub of another version has let pass and is not understood here. */
  readonly problem: string | undefined;
}

function readRule(rule: IgnoreRule): ReadRule {
  const { name = '*', namespace = '*', managedFieldsManagers = [] } = rule;
  const tests = Object.entries({ group: rule.group, kind: rule.kind, name, namespace }).map(
    ([part, pattern]) => [part, namePattern(pattern)] as const,
  );
  const parsed = [
    ...(rule.jsonPointers ?? []).map(parseJsonPointer),
    ...(rule.jqPathExpressions ?? []).map(parseJqPath),
  ];
  return {
    rule,
    fits: ({ group, kind, ...key }) => {
      const parts: { readonly [part: string]: string } = { group, kind, ...key };
      return tests.every(([part, fits]) => fits(parts[part] ?? ''));
    },
    trusted: managedFieldsManagers.map(namePattern),
    paths: parsed.flatMap((each) => (each.ok ? [each.path] : [])),
    problem: parsed.find((each) => !each.ok)?.message,
  };
}

function fieldsOf(rules: readonly ReadRule[], respects: boolean, kept: KeptLabel): IgnoredFields {
  const paths = rules.flatMap((each) => each.paths);
  const problem = rules.find((each) => each.problem !== undefined)?.problem;
  const trusted = rules.flatMap((each) => each.trusted);
  const placesIn = (object: KubeObject): IgnoredPlaces => {
    if (problem !== undefined) return { ok: false, reason: problem };
    const found = findPlaces(withoutManagers(object), paths);
    if (found.ok) return found;
    const reason = `${found.text} takes too many steps on this object; name the fields between`;
    return { ok: false, reason };
  };
  return {
    respects,
    text: JSON.stringify([respects, ...rules.map(({ rule }) => rule)]),
    isTrusted: (manager) => trusted.some((fits) => fits(manager)),
    placesIn,
    strip(object) {
      const found = placesIn(object);
      return found.ok ? stripPlaces(object, found.places, kept) : object;
    },
  };
}

/** Managed fields may be larger than what they are about, and nobody means them. */
function withoutManagers({ apiVersion, kind, metadata, ...content }: KubeObject): KubeObject {
  const { managedFields: _managedFields, name, ...rest } = metadata;
  return { ...content, apiVersion, kind, metadata: { ...rest, name } };
}
