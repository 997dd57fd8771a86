import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import { ClusterClient } from '../controllers/cluster-client.ts';
import { draftOf, isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { openJournaledStore } from '../store/journal.ts';
import { createStore } from '../store/memory-store.ts';
import type { Store, StoreEvent } from '../store/store.ts';
import { findCondition } from './conditions.ts';
import type { ConditionType } from './conditions.ts';
import { definitionsResource } from './names.ts';

let store: Store;
let client: ClusterClient;
const openCluster = (from: Store) => {
  store = from;
  const cluster = createCluster({ tokens: {}, address: () => '', nowMs: () => 0, store });
  client = new ClusterClient(cluster.core, 'test');
};
beforeEach(() => openCluster(createStore()));

const version = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
  ...more,
});
function define(
  plural: string,
  kind: string,
  { names = {}, versions = [version('v1')] }: { names?: JsonObject; versions?: JsonObject[] } = {},
) {
  return client.create(definitionsResource, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural, kind, ...names }, versions },
  });
}
const refTo = (plural: string) => ({
  resource: definitionsResource,
  namespace: '',
  name: `${plural}.example.com`,
});
const definitionOf = (plural: string) => client.get(refTo(plural));
const reasonOf = (plural: string, type: ConditionType) => {
  const definition = definitionOf(plural);
  return definition && textAt(findCondition(definition, type), 'reason');
};
const change = (plural: string, edit: (spec: JsonObject) => void) =>
  client.change(refTo(plural), (draft) => {
    if (isObject(draft['spec'])) edit(draft['spec']);
  });
const served = (plural: string, name = 'v1') => client.registry.find('example.com', name, plural);
const make = (plural: string, kind: string, name: string, finalizers: string[] = []) =>
  client.create(`${plural}.example.com`, {
    apiVersion: 'example.com/v1',
    kind,
    metadata: { name, namespace: 'default', finalizers },
  });
const objects = (plural: string) => client.list(`${plural}.example.com`).map(({ metadata }) => metadata.name);

describe('a new definition', () => {
  test('is answered as it came, and is established right after', () => {
    const made = define('gadgets', 'Gadget');
    expect(objectAt(made, 'status')).toEqual({
      acceptedNames: { kind: '', plural: '' },
      conditions: null,
      storedVersions: ['v1'],
    });
    expect(
      itemsAt(definitionOf('gadgets'), 'status', 'conditions').map((one) => textAt(one, 'type')),
    ).toEqual(['NamesAccepted', 'Established']);
    expect(served('gadgets')?.listKind).toBe('GadgetList');
  });

  test('gets its status from the server, not from who made it', () => {
    define('gadgets', 'Gadget');
    const entries = itemsAt(definitionOf('gadgets'), 'metadata', 'managedFields');
    expect(entries.map((entry) => [textAt(entry, 'manager'), textAt(entry, 'subresource')])).toEqual([
      ['kube-apiserver', 'status'],
      ['test', undefined],
    ]);
  });

  test('serves the versions that it says, and only those', () => {
    define('gadgets', 'Gadget', {
      versions: [
        version('v1'),
        version('v2', { storage: false }),
        version('v3', { storage: false, served: false }),
      ],
    });
    expect(
      [served('gadgets'), served('gadgets', 'v2'), served('gadgets', 'v3')].map((one) => one?.version),
    ).toEqual(['v1', 'v2', undefined]);
  });
});

describe('two definitions of one group', () => {
  test('cannot have the same kind: the second is not served until the first goes', () => {
    define('gadgets', 'Gadget');
    define('widgets', 'Gadget');
    expect(reasonOf('widgets', 'NamesAccepted')).toBe('ListKindConflict');
    expect(reasonOf('widgets', 'Established')).toBe('NotAccepted');
    expect(served('widgets')).toBeUndefined();
    client.remove(refTo('gadgets'));
    expect(reasonOf('widgets', 'Established')).toBe('InitialNamesAccepted');
    expect(served('widgets')?.kind).toBe('Gadget');
  });

  test('cannot have the same short name: the other names of the second are its own', () => {
    define('gadgets', 'Gadget', { names: { shortNames: ['g'] } });
    define('widgets', 'Widget', { names: { shortNames: ['g'] } });
    const accepted = objectAt(definitionOf('widgets'), 'status', 'acceptedNames');
    expect(accepted).toEqual({
      plural: 'widgets',
      singular: 'widget',
      kind: 'Widget',
      listKind: 'WidgetList',
    });
    expect(findCondition(definitionOf('widgets') as KubeObject, 'NamesAccepted')).toMatchObject({
      reason: 'ShortNamesConflict',
      message: '"g" is already in use',
    });
  });
});

describe('a definition that changes', () => {
  test('is served in the new way, and who watches the old one is told so', () => {
    define('gadgets', 'Gadget');
    const resource = served('gadgets');
    const retired = resource && client.registry.retirementOf(resource);
    change('gadgets', (spec) => void (spec['versions'] = [version('v1'), version('v2', { storage: false })]));
    expect(retired?.aborted).toBe(true);
    expect(served('gadgets', 'v2')?.kind).toBe('Gadget');
  });

  test('is served as before when only its labels change', () => {
    define('gadgets', 'Gadget');
    const resource = served('gadgets');
    client.change(refTo('gadgets'), (draft) => void (draft.metadata.labels = { a: 'b' }));
    expect(served('gadgets')).toBe(resource);
  });

  test('remembers the versions in which objects were stored', () => {
    define('gadgets', 'Gadget');
    change('gadgets', (spec) => void (spec['versions'] = [version('v1', { storage: false }), version('v2')]));
    expect(itemsAt(definitionOf('gadgets'), 'status', 'storedVersions')).toEqual(['v1', 'v2']);
  });
});

describe('a definition that is deleted', () => {
  test('takes its objects along, and those are told of before it', () => {
    define('gadgets', 'Gadget');
    make('gadgets', 'Gadget', 'one');
    const events: string[] = [];
    store.subscribe(({ type, key }: StoreEvent) => void (type === 'DELETED' && events.push(key.name)));
    client.remove(refTo('gadgets'));
    expect(events).toEqual(['one', 'gadgets.example.com']);
    expect(served('gadgets')).toBeUndefined();
  });

  test('waits for objects that have finalizers, and takes no new ones meanwhile', () => {
    define('gadgets', 'Gadget');
    make('gadgets', 'Gadget', 'slow', ['example.com/wait']);
    client.remove(refTo('gadgets'));
    expect(reasonOf('gadgets', 'Terminating')).toBe('InstanceDeletionInProgress');
    expect(() => make('gadgets', 'Gadget', 'late')).toThrow(
      'create not allowed while custom resource definition is terminating',
    );
    client.change(
      { resource: 'gadgets.example.com', namespace: 'default', name: 'slow' },
      (draft) => void (draft.metadata.finalizers = []),
    );
    expect(definitionOf('gadgets')).toBeUndefined();
  });

  test('leaves nothing to one that is made again', () => {
    define('gadgets', 'Gadget');
    make('gadgets', 'Gadget', 'one');
    client.remove(refTo('gadgets'));
    define('gadgets', 'Gadget');
    expect(objects('gadgets')).toEqual([]);
    expect(served('gadgets')?.version).toBe('v1');
  });

  test('goes at once when its names were never its own', () => {
    define('gadgets', 'Gadget');
    define('widgets', 'Gadget');
    client.remove(refTo('widgets'));
    expect(definitionOf('widgets')).toBeUndefined();
  });
});

test('a definition of a built-in kind changes nothing, and takes nothing along when it goes', () => {
  const name = 'leases.coordination.k8s.io';
  const metadata = { name: 'kept', namespace: 'default' };
  client.create(name, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
  client.create(definitionsResource, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } },
    spec: {
      group: 'coordination.k8s.io',
      scope: 'Namespaced',
      names: { plural: 'leases', kind: 'Lease' },
      versions: [version('v1')],
    },
  });
  expect(client.registry.find('coordination.k8s.io', 'v1', 'leases')?.custom).toBe(false);
  client.remove({ resource: definitionsResource, namespace: '', name });
  expect(client.get({ resource: definitionsResource, namespace: '', name })).toBeUndefined();
  expect(client.list(name)).toHaveLength(1);
});

test('after a restart everything is served as before', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'meridian-definitions-'));
  try {
    openCluster(openJournaledStore(dir));
    define('gadgets', 'Gadget', { names: { shortNames: ['g'] } });
    make('gadgets', 'Gadget', 'kept');
    const before = draftOf(definitionOf('gadgets') ?? {});
    await store.close();
    openCluster(openJournaledStore(dir));
    expect(definitionOf('gadgets')).toEqual(before);
    expect(served('gadgets')?.shortNames).toEqual(['g']);
    expect(objects('gadgets')).toEqual(['kept']);
    await store.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
