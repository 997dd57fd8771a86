import { expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { customColumns } from './custom-columns.ts';
import type { AdditionalColumn } from './custom-columns.ts';
import { tableOf } from './table.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const object: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'ModelServer',
  metadata: {
    name: 'sample',
    creationTimestamp: '2026-11-21T12:00:00Z',
    annotations: { 'example.com/team': 'maps' },
  },
  spec: {
    model: 'llama',
    replicas: 3,
    share: 1.5,
    paused: true,
    note: null,
    stages: ['a', 'b', 'c'],
    none: [],
  },
  status: {
    at: '2026-11-22T12:00:00Z',
    limits: { memory: '<1Gi>', cpu: [1] },
    conditions: [
      { type: 'Ready', status: 'True', seen: 4 },
      { type: 'Stalled', status: 'False', seen: 7 },
    ],
  },
};

function cellOf(type: string, jsonPath: string): Json | undefined {
  const [, { cell } = {}] = customColumns([{ name: 'Shown', type, jsonPath }]);
  return cell?.(object, nowMs);
}

it.each<[string, Json]>([
  ['.spec.model', 'llama'],
  ['.spec.replicas', '3'],
  ['.spec.note', '<no value>'],
  ['.spec.nowhere.at', null],
  ['.spec.model.deeper', null],
  ['.status.limits', '{"cpu":[1],"memory":"\\u003c1Gi\\u003e"}'],
  ['.spec.stages', '["a","b","c"]'],
  ['.spec.stages[0]', 'a'],
  ['.spec.stages[-1]', 'c'],
  ['.spec.stages[1:]', 'b'],
  ['.spec.stages[7]', null],
  ['.spec.stages[*]', 'a'],
  ['.spec.none[0]', null],
  ['.spec.model[0]', null],
  ['.metadata.annotations.example\\.com/team', 'maps'],
  [".metadata.annotations['example\\.com/team']", 'maps'],
  ['.status.conditions[?(@.type=="Ready")].status', 'True'],
  [".status.conditions[?(@.type!='Ready')].type", 'Stalled'],
  ['.status.conditions[?(@.seen>4)].type', 'Stalled'],
  ['.status.conditions[?(@.seen<=4)].type', 'Ready'],
  ['.status.conditions[?(@.nowhere)].type', null],
  ['.status.conditions[?(@.type=="Lost")].type', null],
])('shows %s as text', (path, shown) => {
  expect(cellOf('string', path)).toEqual(shown);
});

it.each<[string, string, Json]>([
  ['integer', '.spec.share', 1],
  ['integer', '.spec.model', null],
  ['number', '.spec.share', 1.5],
  ['boolean', '.spec.paused', true],
  ['boolean', '.spec.model', null],
  ['date', '.status.at', '2d'],
  ['date', '.spec.model', '<invalid>'],
  ['date', '.spec.replicas', null],
])('shows in a column of type %s the value at %s', (type, path, shown) => {
  expect(cellOf(type, path)).toEqual(shown);
});

it('describes the columns of a custom kind after the name', () => {
  const additional: AdditionalColumn[] = [
    { name: 'Model', type: 'string', jsonPath: '.spec.model', priority: 1 },
    { name: 'Model', type: 'integer', jsonPath: '.spec.replicas', description: 'how many', format: 'int32' },
  ];
  const table = tableOf({
    resource: 'modelservers.example.com',
    columns: [],
    additional: customColumns(additional),
    objects: [object],
    metadata: {},
    includeObject: 'None',
    nowMs,
  });
  const described = 'Custom resource definition column (in JSONPath format): .spec.model';
  expect(table['columnDefinitions']).toEqual([
    expect.objectContaining({ name: 'Name', type: 'string', format: 'name', priority: 0 }),
    { name: 'Model', type: 'string', format: '', description: described, priority: 1 },
    { name: 'Model', type: 'integer', format: 'int32', description: 'how many', priority: 0 },
  ]);
  expect(table['rows']).toEqual([{ cells: ['sample', 'llama', 3], object: null }]);
});

it('shows the age of kinds that add no columns', () => {
  const columns = customColumns([]);
  expect(columns.map(({ column }) => [column.name, column['type']])).toEqual([
    ['Name', 'string'],
    ['Age', 'date'],
  ]);
  expect(columns[1]?.cell(object, nowMs)).toBe('3d');
});
