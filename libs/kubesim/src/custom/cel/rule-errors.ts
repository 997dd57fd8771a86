import { duplicate, errorBody, forbidden, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject } from '../../json.ts';
import type { Json } from '../../json.ts';
import { additionalSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';
import { oldItem } from '../values/correlation.ts';
import type { Correlation } from '../values/correlation.ts';
import { noField, shownValue } from '../values/finding.ts';
import { compiledRules } from './compile-rules.ts';
import type { CompiledRule } from './compile-rules.ts';
import { normalizedFieldPath } from './field-path.ts';

/** What rules found: errors, and what would be one had it not been there before. */
export interface RuleFindings {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** Holds an object of a custom kind to the rules of its schema (`x-kubernetes-validations`). */
export function ruleFindings(
  object: Json,
  old: Json | undefined,
  { schema, correlation }: { readonly schema: CustomSchema; readonly correlation: Correlation | undefined },
): RuleFindings {
  const walk = new RuleWalk();
  walk.visit(object, old, {
    schema,
    path: '',
    isResource: true,
    ratchet: { current: correlation, parent: undefined },
  });
  return { errors: walk.errors, warnings: walk.warnings };
}

const ruled = new WeakMap<CustomSchema, boolean>();

/** Whether a schema or what is inside of it has rules. */
export function hasRules(schema: CustomSchema | undefined): boolean {
  if (schema === undefined) return false;
  let known = ruled.get(schema);
  if (known === undefined) {
    known =
      schema.rules.length > 0 ||
      hasRules(schema.items) ||
      hasRules(additionalSchema(schema)) ||
      [...schema.properties.values(), ...schema.limits.allOf].some(hasRules);
    ruled.set(schema, known);
  }
  return known;
}

/** The value's own correlation with the old one, or else that of the nearest value around it. */
interface Ratchet {
  readonly current: Correlation | undefined;
  readonly parent: Correlation | undefined;
}

interface Place {
  readonly schema: CustomSchema;
  readonly path: string;
  readonly isResource: boolean;
  readonly ratchet: Ratchet;
}

class RuleWalk {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];

  visit(value: Json, old: Json | undefined, place: Place): void {
    const { schema } = place;
    if (value === null || !hasRules(schema)) return;
    for (const compiled of compiledRules(schema, place.isResource))
      this.#hold(compiled, { value, old, place });
    for (const all of schema.limits.allOf) {
      const merged = { ...schema, rules: all.rules };
      const ratchet = { current: undefined, parent: place.ratchet.parent };
      for (const compiled of compiledRules(withRules(all, merged), place.isResource)) {
        this.#hold(compiled, { value, old, place: { ...place, ratchet } });
      }
    }
    if (Array.isArray(value)) this.#visitItems(value, old, place);
    else if (isObject(value)) this.#visitMembers(value, old, place);
  }

  #visitItems(list: readonly Json[], old: Json | undefined, { schema, path, ratchet }: Place): void {
    const { items } = schema;
    if (items === undefined) return;
    list.forEach((item, index) => {
      const before = Array.isArray(old) ? oldItem(schema, old, item) : undefined;
      const inside = {
        schema: items,
        path: `${path}[${String(index)}]`,
        isResource: items.isResource,
        ratchet: stepped(ratchet, (correlation) => correlation.index(index)),
      };
      this.visit(item, before, inside);
    });
  }

  #visitMembers(
    object: Readonly<Record<string, Json | undefined>>,
    old: Json | undefined,
    place: Place,
  ): void {
    const { schema, path } = place;
    const others = additionalSchema(schema);
    for (const [name, value] of Object.entries(object)) {
      const named = schema.properties.get(name);
      const type = named ?? others;
      if (type === undefined) continue;
      const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
      const below = path === '' ? name : `${path}.${name}`;
      this.visit(value ?? null, before, {
        schema: type,
        path: named === undefined ? `${path}[${name}]` : below,
        isResource: type.isResource,
        ratchet: memberRatchet(place, name),
      });
    }
  }

  #hold(
    compiled: CompiledRule,
    { value, old, place }: { value: Json; old: Json | undefined; place: Place },
  ): void {
    const { schema, path } = place;
    const field = path === '' ? noField : path;
    const fail = (words: string) => this.errors.push(invalid(field, schema.type, words));
    if (compiled.error !== undefined) {
      fail(`rule compile error: ${compiled.error}`);
      return;
    }
    const hasOld = old !== undefined && old !== null;
    if (compiled.looksBack && !hasOld && !compiled.rule.optionalOldSelf) return;
    const outcome = compiled.holds(value, old);
    if (!outcome.ok) fail(faultWords(outcome.message, compiled));
    else if (!outcome.value) this.#add(compiled, brokenRule(compiled, { value, old, place }), place.ratchet);
  }

  /** What was wrong before is only warned of, but for rules that look at the change itself. */
  #add({ looksBack }: CompiledRule, error: FieldError, { current, parent }: Ratchet): void {
    const isOld = (current ?? parent)?.isUnchanged() === true;
    if (!looksBack && isOld) this.warnings.push(`${error.field}: ${errorBody(error)}`);
    else this.errors.push(error);
  }
}

const merged = new WeakMap<CustomSchema, CustomSchema>();

/** Rules inside of `allOf` are about the value of the schema around them; it is made once, because it is compiled once. */
function withRules(all: CustomSchema, schema: CustomSchema): CustomSchema {
  const known = merged.get(all) ?? schema;
  merged.set(all, known);
  return known;
}

function stepped(ratchet: Ratchet, step: (correlation: Correlation) => Correlation | undefined): Ratchet {
  const { current } = ratchet;
  return current === undefined ? ratchet : { current: step(current), parent: current };
}

/** Changes of the kind and its version cannot be seen. */
function memberRatchet({ ratchet }: Place, name: string): Ratchet {
  const isRoot = ratchet.parent === undefined;
  if (isRoot && (name === 'apiVersion' || name === 'kind')) return { current: undefined, parent: undefined };
  return stepped(ratchet, (correlation) => correlation.key(name));
}

function faultWords(message: string, { rule }: CompiledRule): string {
  if (!message.startsWith('no such overload')) return `${message} evaluating rule: ${nameOf(rule)}`;
  return (
    `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ` +
    nameOf(rule)
  );
}

function nameOf({ message, rule }: CompiledRule['rule']): string {
  return message === '' ? rule.trim() : message.trim();
}

function brokenRule(
  compiled: CompiledRule,
  { value, old, place }: { value: Json; old: Json | undefined; place: Place },
): FieldError {
  const { rule } = compiled;
  const told = compiled.tell(value, old);
  const fallback = rule.message === '' ? `failed rule: ${rule.rule.trim()}` : rule.message.trim();
  const detail = told?.ok === true ? told.value : fallback;
  const field = fieldOf(place, rule.fieldPath);
  const isWhole = place.schema.type === 'object' || place.schema.type === 'array';
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return isWhole ? withoutValue(duplicate(field, '')) : duplicate(field, shownValue(value));
    default:
      return isWhole ? withoutValue(invalid(field, '', detail)) : invalid(field, shownValue(value), detail);
  }
}

function withoutValue({ type, field, detail }: FieldError): FieldError {
  return { type, field, detail };
}

function fieldOf({ path, schema }: Place, fieldPath: string): string {
  const below = fieldPath === '' ? undefined : normalizedFieldPath(fieldPath, schema);
  if (below === undefined) return path === '' ? noField : path;
  return path === '' ? below : `${path}.${below}`;
}
