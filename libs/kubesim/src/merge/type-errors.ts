import { goQuote } from '@meridian/cel';
import { isObject, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ListSchema, MapSchema, ObjectSchema, ScalarType, Schema } from '../schema/schema.ts';
import { goPrint } from './go-print.ts';
import { memberNames } from './members.ts';
import { fieldElement, indexElement, showElement } from './path-element.ts';
import type { PathElement } from './path-element.ts';
import { atomOf, itemElement, memberType, UntypedObject } from './typed.ts';

interface TypeError {
  readonly path: string;
  readonly message: string;
}

/**
 * What does not fit the schema, in the server's words, or undefined. Items of sets and list maps that stand twice are
 * refused in what is applied, but not in what is stored.
 * @param known A value that fits: parts of it that are in the same place are not looked at.
 */
export function typeErrors(
  value: Json,
  schema: Schema,
  duplicates: 'allowed' | 'refused',
  known?: Json,
): string | undefined {
  const errors = new TypeCheck(duplicates === 'allowed').errorsOf(value, schema, known);
  const told = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return told.length > 1 ? ['errors:', ...told.map((line) => `  ${line}`)].join('\n') : told[0];
}

class TypeCheck {
  readonly #allowsDuplicates: boolean;

  constructor(allowsDuplicates: boolean) {
    this.#allowsDuplicates = allowsDuplicates;
  }

  errorsOf(value: Json, schema: Schema, known?: Json): TypeError[] {
    if (value === null || value === known) return [];
    const atom = atomOf(schema, value);
    switch (atom.kind) {
      case 'scalar':
        return scalarErrors(value, atom.type);
      case 'list':
        return Array.isArray(value)
          ? this.#listErrors(value, atom)
          : mismatch('list', `&{${goPrint(value)}}`);
      case 'map':
      case 'object':
        return isObject(value)
          ? this.#memberErrors(value, atom, known)
          : mismatch('map', `&{${goPrint(value)}}`);
    }
  }

  #memberErrors(object: JsonObject, atom: MapSchema | ObjectSchema, known: Json | undefined): TypeError[] {
    const errors: TypeError[] = [];
    for (const name of memberNames(object)) {
      const element = fieldElement(name);
      const type = memberType(atom, name);
      if (type === undefined) {
        return [...errors, { path: showElement(element), message: 'field not declared in schema' }];
      }
      const found = this.errorsOf(object[name] ?? null, type.schema, valueAt(known, name));
      if (found.length > 0) errors.push(...prefixed(element, found));
    }
    return errors;
  }

  #listErrors(list: readonly Json[], atom: ListSchema): TypeError[] {
    if (atom.listType === 'atomic') {
      return list.flatMap((item, index) => prefixed(indexElement(index), this.errorsOf(item, atom.item)));
    }
    return this.#itemErrors(list, atom);
  }

  #itemErrors(list: readonly Json[], atom: ListSchema): TypeError[] {
    const errors: TypeError[] = [];
    const seen = new Set<string>();
    for (const [index, item] of list.entries()) {
      const element = elementOrWhyNot(atom, item);
      if (typeof element === 'string') {
        return [...errors, { path: '', message: `element ${String(index)}: ${element}` }];
      }
      if (seen.has(element.text) && !this.#allowsDuplicates) {
        errors.push({ path: '', message: `duplicate entries for key ${showElement(element)}` });
      }
      seen.add(element.text);
      errors.push(...prefixed(element, this.errorsOf(item, atom.item)));
    }
    return errors;
  }
}

function elementOrWhyNot(atom: ListSchema, item: Json): PathElement | string {
  try {
    return itemElement(atom, item);
  } catch (error) {
    if (error instanceof UntypedObject) return error.message;
    throw error;
  }
}

function prefixed(element: PathElement, errors: readonly TypeError[]): TypeError[] {
  return errors.map(({ path, message }) => ({ path: `${showElement(element)}${path}`, message }));
}

function mismatch(expected: string, found: string): TypeError[] {
  return [{ path: '', message: `expected ${expected}, got ${found}` }];
}

type ScalarFamily = 'string' | 'number' | 'boolean' | 'any';

const families: Readonly<Record<ScalarType | 'any', ScalarFamily>> = {
  any: 'any',
  string: 'string',
  bytes: 'string',
  duration: 'string',
  time: 'any',
  'micro-time': 'any',
  quantity: 'any',
  'int-or-string': 'any',
  int32: 'number',
  int64: 'number',
  uint: 'number',
  number: 'number',
  boolean: 'boolean',
};

function scalarErrors(value: Json, type: ScalarType | 'any'): TypeError[] {
  const family = families[type];
  if (type === 'any') return [];
  if (family === 'any') {
    return typeof value === 'object' ? mismatch('any scalar', `&{${goPrint(value)}}`) : [];
  }
  if (typeof value === family) return [];
  if (family === 'number') return mismatch('numeric (int or float)', goType(value));
  return family === 'string'
    ? mismatch('string', `&value.valueUnstructured{Value:${goSyntax(value)}}`)
    : mismatch('boolean', `&{${goPrint(value)}}`);
}

/** The Go type of a decoded value, as `%T` prints it. */
function goType(value: Json): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** A decoded value in Go's syntax, as `%#v` prints it. */
function goSyntax(value: Json): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isObject(value)) return String(value);
  const members = memberNames(value).sort();
  return `map[string]interface {}{${members.map((name) => `${goQuote(name)}:${goSyntax(value[name] ?? null)}`).join(', ')}}`;
}
