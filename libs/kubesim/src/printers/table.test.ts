import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { openCatalog } from '../schema/catalog.ts';
import { tableOf } from './table.ts';
import type { TableQuery } from './table.ts';

// The rows are those of the printers of Kubernetes 1.36.

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const daysAgo = (days: number) => new Date(nowMs - days * 86_400_000).toISOString();

function table(path: string, objects: readonly JsonObject[], more: Partial<TableQuery> = {}): JsonObject {
  const [name = '', , group] = path.split('/').reverse();
  const metadata = { name: 'sample', creationTimestamp: daysAgo(3) };
  return tableOf({
    resource: group === undefined ? name : `${name}.${group}`,
    columns: openCatalog().columns[path] ?? [],
    objects: objects.map((object) => ({ apiVersion: 'v1', kind: 'Kind', metadata, ...object })),
    metadata: { resourceVersion: '7' },
    includeObject: 'None',
    nowMs,
    ...more,
  });
}

function cells(path: string, object: JsonObject): unknown {
  return (table(path, [object])['rows'] as JsonObject[])[0]?.['cells'];
}

describe('a table', () => {
  it('describes its columns, tells the metadata of the list, and shows objects as asked', () => {
    const shown = (includeObject: TableQuery['includeObject']) =>
      table('v1/serviceaccounts', [{ secrets: [] }], { includeObject });
    expect(shown('None')).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7' },
      columnDefinitions: openCatalog().columns['v1/serviceaccounts'],
      rows: [{ cells: ['sample', '3d'], object: null }],
    });
    const metadata = { name: 'sample', creationTimestamp: daysAgo(3) };
    expect(shown('Metadata')['rows']).toEqual([
      {
        cells: ['sample', '3d'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      },
    ]);
    expect(shown('Object')['rows']).toEqual([
      { cells: ['sample', '3d'], object: { apiVersion: 'v1', kind: 'Kind', metadata, secrets: [] } },
    ]);
  });

  it('shows flow schemas in the order in which they are tried', () => {
    const schema = (name: string, matchingPrecedence: number) => ({
      metadata: { name },
      spec: { matchingPrecedence },
    });
    const rows = table('flowcontrol.apiserver.k8s.io/v1/flowschemas', [
      schema('c', 9),
      schema('b', 1),
      schema('a', 1),
    ])['rows'] as { cells: string[] }[];
    expect(rows.map((row) => row.cells[0])).toEqual(['a', 'b', 'c']);
  });

  it('marks rows of pods alone as completed', () => {
    const conditions = (path: string) =>
      (table(path, [{ status: { phase: 'Failed' } }])['rows'] as JsonObject[])[0]?.['conditions'];
    expect(conditions('v1/pods')).toEqual([
      { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
    ]);
    expect(conditions('v1/namespaces')).toBeUndefined();
  });

  it('has an age beyond the columns of addresses', () => {
    const spec = { parentRef: { group: 'G.x', resource: 'things', namespace: 'd', name: 's' } };
    expect(cells('networking.k8s.io/v1/ipaddresses', { spec })).toEqual(['sample', 'things.g.x/d/s', '3d']);
  });

  it.each([
    ['networking.k8s.io/v1/ingressclasses', 'ingressclass.kubernetes.io/is-default-class'],
    ['storage.k8s.io/v1/storageclasses', 'storageclass.kubernetes.io/is-default-class'],
    ['storage.k8s.io/v1/storageclasses', 'storageclass.beta.kubernetes.io/is-default-class'],
  ])('marks the default of %s by %s', (path, annotation) => {
    const row = (value: string) =>
      cells(path, { metadata: { name: 'sample', annotations: { [annotation]: value } } });
    expect(row('true')).toContain('sample (default)');
    expect(row('false')).toContain('sample');
  });
});
