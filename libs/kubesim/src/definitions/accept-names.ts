import { goQuote } from '@meridian/cel';
import { isObject, jsonEqual, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Condition } from './conditions.ts';
import { textsIn } from './internal-spec.ts';

/** The names that a definition has now, and whether those are all that it asks for. */
export interface Acceptance {
  readonly names: JsonObject;
  readonly condition: Condition;
}

/** What a conflict of a name is called, in the order in which the last one found is told. */
const reasons = {
  plural: 'PluralConflict',
  singular: 'SingularConflict',
  shortNames: 'ShortNamesConflict',
  kind: 'KindConflict',
  listKind: 'ListKindConflict',
} as const;

/** Gives a definition the names that it asks for, but for those that another one of its group has already. */
export function acceptNames(definition: KubeObject, all: readonly KubeObject[]): Acceptance {
  const used = usedNames(definition, all);
  const asked = objectAt(definition, 'spec', 'names') ?? {};
  const accepted = objectAt(definition, 'status', 'acceptedNames') ?? {};
  const names: JsonObject = { ...accepted };
  let condition: Condition = { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  for (const field of ['plural', 'singular', 'shortNames', 'kind', 'listKind'] as const) {
    const taken = field === 'kind' || field === 'listKind' ? used.kinds : used.resources;
    const message = conflictOf(asked[field], accepted[field], taken);
    if (message === undefined) copyMember(names, field, asked[field]);
    else condition = { status: 'False', reason: reasons[field], message };
  }
  copyMember(names, 'categories', asked['categories']);
  return { names, condition };
}

function copyMember(names: JsonObject, field: string, value: Json | undefined): void {
  if (value === undefined) Reflect.deleteProperty(names, field);
  else names[field] = value;
}

interface UsedNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The names that definitions of the same group have been given, the asking one included. */
function usedNames(definition: KubeObject, all: readonly KubeObject[]): UsedNames {
  const group = textAt(definition, 'spec', 'group');
  const given = all
    .filter((other) => textAt(other, 'spec', 'group') === group)
    .map((other) => objectAt(other, 'status', 'acceptedNames') ?? {});
  const named = (...fields: readonly string[]) =>
    given.flatMap((names) => fields.flatMap((field) => textsOf(names[field])));
  return {
    resources: new Set(named('plural', 'singular', 'shortNames')),
    kinds: new Set(named('kind', 'listKind')),
  };
}

function textsOf(value: Json | undefined): string[] {
  return textsIn(Array.isArray(value) ? value : [value ?? null]).filter((name) => name !== '');
}

function conflictOf(
  asked: Json | undefined,
  accepted: Json | undefined,
  used: ReadonlySet<string>,
): string | undefined {
  if (jsonEqual(asked, accepted)) return undefined;
  const own = textsOf(accepted);
  const isList = Array.isArray(asked);
  const conflicts = textsOf(asked)
    .filter((name) => used.has(name) && !(isList && own.includes(name)))
    .map((name) => `${goQuote(name)} is already in use`);
  const told = [...new Set(conflicts)];
  if (told.length === 0) return undefined;
  return told.length === 1 ? told[0] : `[${told.join(', ')}]`;
}

/** Whether a definition has the names that it asks for. */
export function hasItsNames(definition: KubeObject): boolean {
  const names = objectAt(definition, 'status', 'acceptedNames');
  return isObject(names) && jsonEqual(objectAt(definition, 'spec', 'names'), names);
}
