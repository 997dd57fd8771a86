import type { LocatedError } from '@meridian/fleet';
import { fieldText, nearest } from '@meridian/manifests';
import { goFloat } from '../values/numbers.ts';
import type { Plain } from '../values/plain.ts';

/** A document of configuration while its fields are read. */
export interface Reading {
  readonly file: string;
  readonly lineOf: (path: Path) => number;
  /**
   * How the configuration of a plugin is read: unknown fields are passed over and numbers and booleans are taken where
   * text is wanted, as sigs.k8s.io/yaml does. A kustomization file is read strictly.
   */
  readonly lenient: boolean;
  /** Whether numbers and booleans are taken where text is wanted, if not as `lenient` says. */
  readonly textsOfScalars?: boolean;
  /** Fields that kustomize knows and this build does not, with the way out. */
  readonly unsupported: { readonly [field: string]: string };
  /** Mistakes are added here; reading goes on. */
  readonly errors: LocatedError[];
}

/** A place in a document. */
export type Path = readonly (string | number)[];

/** What a field may be: how its value is read, and what counts when it is null inside a list. */
export interface Shape<T> {
  readonly read: (value: Plain, path: Path, reading: Reading) => T | undefined;
  readonly zero: T;
}

/** What a shape gives. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** Text. */
export const text: Shape<string> = {
  zero: '',
  read: (value, path, reading) => {
    if (typeof value === 'string') return value;
    if ((reading.textsOfScalars ?? reading.lenient) && value !== null && typeof value !== 'object')
      return scalarText(value);
    return wrong(path, 'text', reading, typeof value === 'object' ? undefined : 'quote it');
  },
};

/**
 * A shape whose texts must be some for plugins too. Where Go embeds a struct, sigs.k8s.io/yaml does not see what its fields
 * want and turns no number into text.
 */
export function embedded<T>({ zero, read }: Shape<T>): Shape<T> {
  return {
    zero,
    read: (value, path, reading) => read(value, path, { ...reading, textsOfScalars: false }),
  };
}

/** An {@link embedded} text. */
export const embeddedText = embedded(text);

/** How sigs.k8s.io/yaml makes a text of a number or a boolean. */
function scalarText(value: boolean | number | bigint): string {
  return typeof value === 'number' && !Number.isInteger(value) ? goFloat(value) : String(value);
}

/** True or false. */
export const flag: Shape<boolean> = {
  zero: false,
  read: (value, path, reading) =>
    typeof value === 'boolean' ? value : wrong(path, 'true or false', reading),
};

/** A whole number. */
export const count: Shape<number> = {
  zero: 0,
  read: (value, path, reading) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong(path, 'a whole number', reading),
};

/** Anything, as it is. */
export const anything: Shape<Plain> = { zero: null, read: (value) => value };

/** A list of one shape. */
export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    zero: [],
    read: (value, path, reading) => {
      if (!isList(value)) return wrong(path, 'a list', reading);
      return value.flatMap((each, index) => {
        const read = each === null ? item.zero : item.read(each, [...path, index], reading);
        return read === undefined ? [] : [read];
      });
    },
  };
}

/** A mapping from any text to one shape. */
export function mapOf<T>(item: Shape<T>): Shape<{ readonly [key: string]: T }> {
  return {
    zero: {},
    read: (value, path, reading) => {
      if (!isMapping(value)) return wrong(path, 'a mapping', reading);
      const map: Record<string, T> = {};
      for (const [key, each] of Object.entries(value)) {
        const read = each === null ? item.zero : item.read(each, [...path, key], reading);
        if (read !== undefined) map[key] = read;
      }
      return map;
    },
  };
}

/** A mapping from text to text. */
export const textMap = mapOf(text);

/** The fields that a mapping of shapes gives; each may be left out. */
export type FieldsIn<S extends ShapeMap> = { readonly [Key in keyof S]?: Shaped<S[Key]> };

interface ShapeMap {
  readonly [field: string]: Shape<unknown>;
}

/**
 * A mapping with known fields. As in Go's encoding/json a name matches whatever its case; the exact one wins.
 */
export function fieldsOf<S extends ShapeMap>(shapes: S): Shape<FieldsIn<S>> {
  const byLowerCase = new Map(Object.keys(shapes).map((name) => [name.toLowerCase(), name]));
  return {
    zero: {},
    read: (value, path, reading) => {
      if (!isMapping(value)) return wrong(path, 'a mapping', reading);
      const read: { [Key in keyof S]?: unknown } = {};
      for (const [written, each] of Object.entries(value)) {
        const name = Object.hasOwn(shapes, written) ? written : byLowerCase.get(written.toLowerCase());
        const shape = name === undefined ? undefined : shapes[name];
        if (name === undefined || shape === undefined) {
          if (!reading.lenient)
            reading.errors.push(unknownField([...path, written], [...byLowerCase.values()], reading));
        } else if (each !== null) {
          const field = shape.read(each, [...path, written], reading);
          if (field !== undefined) Object.assign(read, { [name]: field });
        }
      }
      // Every field was read by the shape of its name, which TypeScript cannot see through the loop.
      return read as FieldsIn<S>;
    },
  };
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function isMapping(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !isList(value);
}

function unknownField(path: Path, known: readonly string[], reading: Reading): LocatedError {
  const name = String(path.at(-1));
  const place = { file: reading.file, line: reading.lineOf(path), field: fieldText(path) };
  const way =
    path.length === 1 && Object.hasOwn(reading.unsupported, name) ? reading.unsupported[name] : undefined;
  if (way !== undefined) return { ...place, message: `the field ${name} is not supported`, fix: way };
  const meant = nearest(name, known);
  const fix = meant === undefined ? 'remove it' : `did you mean ${meant}?`;
  return { ...place, message: `unknown field ${fieldText(path)}`, fix };
}

function wrong(path: Path, rule: string, reading: Reading, fix?: string): undefined {
  const field = path.length === 0 ? 'the document' : fieldText(path);
  reading.errors.push({
    file: reading.file,
    line: reading.lineOf(path),
    ...(path.length > 0 ? { field: fieldText(path) } : {}),
    message: `${field} must be ${rule}`,
    fix: fix ?? `write ${rule}`,
  });
  return undefined;
}
