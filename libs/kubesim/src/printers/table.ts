import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { since } from './cell.ts';
import type { Cell } from './cell.ts';
import { otherCells } from './other-cells.ts';
import { podCells } from './pod-cells.ts';
import { workloadCells } from './workload-cells.ts';

/** A column as tables describe it. */
export interface Column extends JsonObject {
  name: string;
}

/** What a table shows. */
export interface TableQuery {
  /** Group resource. */
  readonly resource: string;
  readonly objects: readonly KubeObject[];
  readonly columns: readonly Column[];
  /** Metadata of the list or object that is shown. */
  readonly metadata: JsonObject;
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly nowMs: number;
}

const everyKind: Readonly<Record<string, Cell>> = {
  Name: ({ metadata }) => metadata.name ?? '',
  Age: ({ metadata }, nowMs) => since(metadata.creationTimestamp, nowMs),
  'Created At': ({ metadata }) => metadata.creationTimestamp ?? '',
};

const cells: Readonly<Record<string, Readonly<Record<string, Cell>>>> = {
  ...workloadCells,
  ...otherCells,
  pods: podCells,
};

/** Objects as the table that `kubectl get` prints (meta.k8s.io/v1 Table). A column that nobody fills is empty. */
export function tableOf(query: TableQuery): JsonObject {
  const ofKind = { ...everyKind, ...cells[query.resource] };
  const row = (object: KubeObject): Json => {
    const shown = query.columns.map(({ name }) => ofKind[name]?.(object, query.nowMs) ?? '');
    const included = objectOf(object, query.includeObject);
    return included === undefined ? { cells: shown, object: null } : { cells: shown, object: included };
  };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: query.metadata,
    columnDefinitions: [...query.columns],
    rows: query.objects.map(row),
  };
}

function objectOf(object: KubeObject, include: TableQuery['includeObject']): JsonObject | undefined {
  if (include === 'None') return undefined;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
