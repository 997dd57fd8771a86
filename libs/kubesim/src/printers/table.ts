import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { autoscalerCells } from './autoscaler-cells.ts';
import { age, numberOf } from './cell.ts';
import type { Cell, Cells } from './cell.ts';
import type { FilledColumn } from './custom-columns.ts';
import { eventCells } from './event-cells.ts';
import { networkCells } from './network-cells.ts';
import { nodeCells } from './node-cells.ts';
import { partialMetadata } from './partial-metadata.ts';
import { podCells, podRowConditions } from './pod-cells.ts';
import { policyCells } from './policy-cells.ts';
import { storageCells } from './storage-cells.ts';
import { workloadCells } from './workload-cells.ts';

/** A column as tables describe it. */
export interface Column extends JsonObject {
  name: string;
}

/** What a table shows. */
export interface TableQuery {
  /** Group resource. */
  readonly resource: string;
  /** In their storage version, which tables are printed from. */
  readonly objects: readonly KubeObject[];
  /** An object as the client reads it in its version; as it is unless told. */
  readonly served?: (object: KubeObject) => KubeObject;
  /** The columns of a built-in kind. */
  readonly columns: readonly Column[];
  /** The columns that the definition of a custom kind adds; they stand instead of those of a built-in kind. */
  readonly additional?: readonly FilledColumn[] | undefined;
  /** Metadata of the list or object that is shown. */
  readonly metadata: JsonObject;
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly nowMs: number;
}

const everyKind: Cells = {
  Name: ({ metadata }) => metadata.name ?? '',
  Age: age,
  'Created At': ({ metadata }) => metadata.creationTimestamp ?? '',
};

const cells: Readonly<Record<string, Cells>> = {
  ...workloadCells,
  ...policyCells,
  ...networkCells,
  ...storageCells,
  ...nodeCells,
  ...eventCells,
  pods: podCells,
  'horizontalpodautoscalers.autoscaling': autoscalerCells,
};

/** Cells that the real server adds to rows without describing a column for them. */
const undescribed: Readonly<Record<string, readonly Cell[]>> = { 'ipaddresses.networking.k8s.io': [age] };

/** Objects as the table that `kubectl get` prints (meta.k8s.io/v1 Table). A column that nobody fills is empty. */
export function tableOf(query: TableQuery): JsonObject {
  const { resource, nowMs } = query;
  const columns = columnsOf(query);
  const shown = [...columns.map(({ cell }) => cell), ...(undescribed[resource] ?? [])];
  const row = (object: KubeObject): Json => {
    const conditions = resource === 'pods' ? podRowConditions(object) : [];
    return {
      cells: shown.map((cell) => cell(object, nowMs)),
      ...(conditions.length > 0 ? { conditions } : {}),
      object: objectOf(object, query) ?? null,
    };
  };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: query.metadata,
    columnDefinitions: columns.map(({ column }) => column),
    rows: inOrder(resource, query.objects).map(row),
  };
}

const empty: Cell = () => '';

function columnsOf({ resource, columns, additional }: TableQuery): readonly FilledColumn[] {
  if (additional !== undefined) return additional;
  const ofKind: Cells = { ...everyKind, ...cells[resource] };
  return columns.map((column) => ({ column, cell: ofKind[column.name] ?? empty }));
}

/** Flow schemas are shown in the order in which they are tried. */
function inOrder(resource: string, objects: readonly KubeObject[]): readonly KubeObject[] {
  if (resource !== 'flowschemas.flowcontrol.apiserver.k8s.io') return objects;
  const name = ({ metadata }: KubeObject) => metadata.name ?? '';
  const place = (schema: KubeObject) => numberOf(schema, 'spec.matchingPrecedence');
  return objects.toSorted((a, b) => place(a) - place(b) || (name(a) < name(b) ? -1 : 1));
}

function objectOf(object: KubeObject, query: TableQuery): JsonObject | undefined {
  if (query.includeObject === 'None') return undefined;
  return query.includeObject === 'Object'
    ? (query.served?.(object) ?? object)
    : partialMetadata(object, query.resource);
}
