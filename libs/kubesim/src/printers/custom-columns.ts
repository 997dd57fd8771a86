import { isObject } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Cell } from './cell.ts';
import { since } from './cell.ts';
import { findFirst } from './json-path.ts';
import type { Column } from './table.ts';

/** One of the `additionalPrinterColumns` of a version of a custom kind. */
export interface AdditionalColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** A column with what it shows; columns of custom kinds may share a name. */
export interface FilledColumn {
  readonly column: Column;
  readonly cell: Cell;
}

const nameColumn: FilledColumn = {
  column: {
    name: 'Name',
    type: 'string',
    format: 'name',
    description:
      'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
    priority: 0,
  },
  cell: ({ metadata }) => metadata.name ?? '',
};

/** What kinds without columns of their own show beside the name. */
const ageColumn: AdditionalColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** The columns of a custom kind (apiextensions-apiserver, registry/customresource/tableconvertor). */
export function customColumns(additional: readonly AdditionalColumn[]): FilledColumn[] {
  const shown = additional.length === 0 ? [ageColumn] : additional;
  return [nameColumn, ...shown.map((column) => ({ column: columnOf(column), cell: cellOf(column) }))];
}

function columnOf({
  name,
  type,
  jsonPath,
  format = '',
  description = '',
  priority = 0,
}: AdditionalColumn): Column {
  const words =
    description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description;
  return { name, type, format, description: words, priority };
}

function cellOf({ type, jsonPath }: AdditionalColumn): Cell {
  return (object: KubeObject, nowMs) => {
    const found = findFirst(object, jsonPath);
    if (found === undefined) return null;
    return shown[type]?.(found, nowMs) ?? null;
  };
}

/** How a value is shown in a column of a type; a value of another type is not shown. */
const shown: Readonly<Record<string, (value: Json, nowMs: number) => Json | undefined>> = {
  string: (value) => printed(value),
  integer: (value) => (typeof value === 'number' ? Math.trunc(value) : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  date: (value, nowMs) => (typeof value === 'string' ? dated(value, nowMs) : undefined),
};

function printed(value: Json): string {
  if (value === null) return '<no value>';
  return typeof value === 'object' ? goJson(value) : String(value);
}

const unsafeInHtml = /[<>&\u2028\u2029]/g;

/** JSON as Go writes it: members in order, and without characters that HTML gives a meaning. */
function goJson(value: Json): string {
  return JSON.stringify(inOrder(value)).replace(
    unsafeInHtml,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    members.map(([name, member]) => [name, member === undefined ? undefined : inOrder(member)]),
  );
}

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function dated(time: string, nowMs: number): string {
  if (time === '' || time === 'null') return since(undefined, nowMs);
  return timeForm.test(time) && !Number.isNaN(Date.parse(time)) ? since(time, nowMs) : '<invalid>';
}
