import type { Json } from '../object.ts';
import { JqProblem } from './jq-tokens.ts';
import type { JqTree } from './jq-tree.ts';
import { Meter, PathCostFault } from './meter.ts';
import { parseJq } from './parse-jq.ts';
import { runJq } from './run-jq.ts';
import type { Step } from './run-jq.ts';
import { mostPatterns, touchesIdentity } from './touches-identity.ts';

/** An expression that finds places in objects, ready to be used. */
export interface ObjectPath {
  /** As it was written. */
  readonly text: string;
  readonly tree: JqTree;
}

/** What parsing gives: an expression, or what is wrong with it. */
export type ParsedPath =
  | { readonly ok: true; readonly path: ObjectPath }
  | { readonly ok: false; readonly message: string; readonly fix?: string };

const longestPointer = 512;
const pointer = /^(?:\/(?:[^~/]|~[01])*)+$/;

/** Parses a JSON pointer (RFC 6901). One that means what an object is known by is refused. */
export function parseJsonPointer(text: string): ParsedPath {
  if (text.length > longestPointer || !pointer.test(text))
    return {
      ok: false,
      message: `${JSON.stringify(text.slice(0, 80))} is no JSON pointer`,
      fix: 'write it like /spec/replicas, with ~1 for / and ~0 for ~ inside of a name',
    };
  const names = text.slice(1).split('/').map(unescaped);
  return checked({
    text,
    tree: names.reduce<JqTree>((of, name) => ({ op: 'step', of, name }), { op: 'here' }),
  });
}

const unescaped = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');

/** Parses an expression of jq, see `parseJq`. One that means what an object is known by is refused. */
export function parseJqPath(text: string): ParsedPath {
  try {
    return checked({ text, tree: parseJq(text) });
  } catch (error) {
    if (!(error instanceof JqProblem)) throw error;
    const { message, column, fix } = error;
    return {
      ok: false,
      message: `this is no path that is understood: ${message} (column ${column})`,
      ...(fix === undefined ? {} : { fix }),
    };
  }
}

function checked(path: ObjectPath): ParsedPath {
  const touches = touchesIdentity(path.tree);
  if (touches === false) return { ok: true, path };
  if (touches === 'unknown')
    return {
      ok: false,
      message: `it means more than ${mostPatterns} alternatives, counted with those that commas multiply`,
      fix: 'write several shorter expressions',
    };
  return {
    ok: false,
    message: `${JSON.stringify(path.text)} means apiVersion, kind, name or namespace, or the label meridian.dev/application: by these an object is known`,
    fix: 'name the fields below that are meant',
  };
}

/** The places that expressions find in an object, or the one that takes more than its share of work. */
export type FoundPlaces =
  | { readonly ok: true; readonly places: readonly (readonly Step[])[] }
  | { readonly ok: false; readonly text: string };

/** How many steps the expressions of one object may take together; an ordinary one takes ten to a thousand. */
const mostSteps = 300_000;

/** How many places they may find together; each costs memory. */
const mostPlaces = 10_000;

/** Finds what expressions name in an object, bounded in time and memory whatever they are. */
export function findPlaces(object: Json, paths: readonly ObjectPath[]): FoundPlaces {
  const meter = new Meter(mostSteps);
  const places: (readonly Step[])[] = [];
  for (const path of paths)
    if (!addPlaces(places, object, { path, meter })) return { ok: false, text: path.text };
  return { ok: true, places };
}

/** Whether they could all be found. */
function addPlaces(
  places: (readonly Step[])[],
  object: Json,
  { path, meter }: { readonly path: ObjectPath; readonly meter: Meter },
): boolean {
  try {
    for (const { place } of runJq(path.tree, { value: object, place: [] }, meter)) {
      if (place) places.push(place);
      if (places.length > mostPlaces) return false;
    }
    return true;
  } catch (error) {
    // A value nested deeper than the stack costs too much, too.
    if (error instanceof PathCostFault || error instanceof RangeError) return false;
    throw error;
  }
}
