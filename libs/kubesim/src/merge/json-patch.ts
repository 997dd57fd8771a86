import { defineMember, isObject, jsonEqual, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { removeMember } from './members.ts';
import { goJsonType, PatchRefusal, patchResultOf, rejectedPatch } from './patch-result.ts';
import type { PatchResult } from './patch-result.ts';

const maxOperations = 10_000;

/**
 * Applies a JSON patch (RFC 6902) as the API server does, which differs from the RFC: an index may count from the end
 * (`-1`), `replace` of a member that is not there adds it, and an absent value is null.
 */
export function jsonPatch(target: Json, operations: Json): PatchResult {
  return patchResultOf(() => {
    const read = readOperations(operations);
    return read.reduce((document, operation) => perform(document, operation), target);
  });
}

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  readonly value: Json;
}

function readOperations(operations: Json): Operation[] {
  if (operations === null) return [];
  if (!Array.isArray(operations)) {
    throw undecodable(`${goJsonType(operations)} into Go value of type []handlers.jsonPatchOp`);
  }
  if (operations.length > maxOperations) {
    throw new PatchRefusal(
      413,
      `Request entity too large: The allowed maximum operations in a JSON patch is ${String(maxOperations)}, got ${String(operations.length)}`,
    );
  }
  return operations.map(readOperation);
}

function readOperation(operation: Json): Operation {
  if (operation === null) return { op: 'unknown', path: undefined, from: undefined, value: null };
  if (!isObject(operation)) {
    throw undecodable(`${goJsonType(operation)} into Go value of type handlers.jsonPatchOp`);
  }
  return {
    op: readText(operation, 'op') ?? 'unknown',
    path: readText(operation, 'path'),
    from: readText(operation, 'from'),
    value: memberOf(operation, 'value') ?? null,
  };
}

function readText(operation: JsonObject, field: string): string | undefined {
  const value = memberOf(operation, field) ?? null;
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  throw undecodable(`${goJsonType(value)} into Go struct field jsonPatchOp.${field} of type string`);
}

function undecodable(what: string): PatchRefusal {
  return new PatchRefusal(400, `error decoding patch: json: cannot unmarshal ${what}`);
}

function perform(document: Json, operation: Operation): Json {
  switch (operation.op) {
    case 'add':
      return edit(document, pathOf(operation.path), adding(operation.value));
    case 'remove':
      return edit(document, pathOf(operation.path), removing);
    case 'replace':
      return replace(document, operation);
    case 'move':
      return move(document, operation);
    case 'copy':
      return copy(document, operation);
    case 'test':
      return test(document, operation);
    default:
      throw rejectedPatch();
  }
}

function replace(document: Json, { path, value }: Operation): Json {
  if (path !== '') return edit(document, pathOf(path), setting(value));
  if (!isObject(value) && !Array.isArray(value)) throw rejectedPatch();
  return value;
}

function move(document: Json, { from, path }: Operation): Json {
  const source = pathOf(from);
  const value = valueUnder(document, source) ?? null;
  return edit(edit(document, source, removing), pathOf(path), adding(value));
}

function copy(document: Json, { from, path }: Operation): Json {
  return edit(document, pathOf(path), adding(valueUnder(document, pathOf(from)) ?? null));
}

function test(document: Json, { path, value }: Operation): Json {
  const found = path === '' ? document : (valueUnder(document, pathOf(path)) ?? null);
  if (!jsonEqual(found, value)) throw rejectedPatch();
  return document;
}

/** The decoded names of a pointer. A pointer that does not begin with `/` names nothing that could be changed. */
function pathOf(pointer: string | undefined): readonly string[] {
  if (pointer === undefined || !pointer.includes('/')) throw rejectedPatch();
  const decoded = (part: string) => part.replaceAll(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~'));
  return pointer.split('/').slice(1).map(decoded);
}

type Container = JsonObject | Json[];
type Edit = (container: Container, name: string) => void;

/** A copy of the containers on the way to a path, with the innermost one changed. */
function edit(document: Json, path: readonly string[], change: Edit): Json {
  const [name = '', ...rest] = path;
  const container = shallowCopy(document);
  if (rest.length === 0) {
    change(container, name);
    return container;
  }
  setting(edit(childOf(container, name) ?? null, rest, change))(container, name);
  return container;
}

function shallowCopy(value: Json): Container {
  if (Array.isArray(value)) return [...value];
  if (isObject(value)) return { ...value };
  throw rejectedPatch();
}

function valueUnder(document: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = document;
  for (const name of path) {
    if (!isObject(current) && !Array.isArray(current)) throw rejectedPatch();
    current = childOf(current, name);
  }
  return current;
}

function childOf(container: Container, name: string): Json | undefined {
  return Array.isArray(container)
    ? container[indexIn(name, container.length - 1)]
    : memberOf(container, name);
}

function adding(value: Json): Edit {
  return (container, name) => {
    if (!Array.isArray(container)) {
      defineMember(container, name, value);
    } else if (name === '-') {
      container.push(value);
    } else {
      container.splice(indexIn(name, container.length), 0, value);
    }
  };
}

function setting(value: Json): Edit {
  return (container, name) => {
    if (Array.isArray(container)) {
      container[indexIn(name, container.length - 1)] = value;
    } else {
      defineMember(container, name, value);
    }
  };
}

const removing: Edit = (container, name) => {
  if (Array.isArray(container)) {
    container.splice(indexIn(name, container.length - 1), 1);
  } else if (memberOf(container, name) === undefined) {
    throw rejectedPatch();
  } else {
    removeMember(container, name);
  }
};

/** The index that a name says, where a negative one counts back from one past the last index allowed. */
function indexIn(name: string, last: number): number {
  if (!/^[+-]?\d+$/.test(name)) throw rejectedPatch();
  const said = Number(name);
  const index = said < 0 ? said + last + 1 : said;
  if (index < 0 || index > last) throw rejectedPatch();
  return index;
}
