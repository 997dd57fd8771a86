import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestHandler } from '../api/handler.ts';
import type { User } from '../api/authenticate.ts';
import { builtInDefaults } from '../kinds/defaults/built-in-defaults.ts';
import type { KubeObject } from '../kube-object.ts';
import { openCatalog } from '../schema/catalog.ts';
import { setDefaults } from '../schema/set-defaults.ts';
import { createStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { Registry } from './registry.ts';
import { Remover } from './remover.ts';
import { Writer } from './writer.ts';

/** What a simulated cluster is made of. */
export interface ClusterOptions {
  /** Users by bearer token. */
  readonly tokens: Readonly<Record<string, User>>;
  /** Where clients reach the cluster: `127.0.0.1:6443`. */
  readonly address: () => string;
  readonly nowMs: () => number;
}

/** One simulated cluster. */
export interface SimCluster {
  readonly store: Store;
  /** Answers a request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Namespaces that every cluster starts with. */
const firstNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Makes a new cluster that holds what a fresh API server holds. */
export function createCluster(options: ClusterOptions): SimCluster {
  const store = createStore();
  const registry = new Registry(openCatalog());
  const { nowMs, address } = options;
  const parts = { store, registry, nowMs };
  const [writer, remover] = [new Writer(parts), new Remover(parts)];
  for (const object of firstObjects()) createFirst(writer, registry, object);
  return {
    store,
    handle: requestHandler({ ...parts, writer, remover, address }, (token) =>
      Object.hasOwn(options.tokens, token) ? options.tokens[token] : undefined,
    ),
  };
}

/** What a fresh API server makes by itself: namespaces, and the service by which pods reach it. */
function firstObjects(): KubeObject[] {
  const namespaces = firstNamespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    spec: {},
    status: {},
  }));
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }];
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec: { clusterIP: '10.0.0.1', ports },
  };
  return [...namespaces, service];
}

function createFirst(writer: Writer, registry: Registry, object: KubeObject): void {
  const resource = registry.all().find(({ group, kind }) => group === '' && kind === object.kind);
  if (resource === undefined) throw new Error(`the catalog has no ${object.kind}`);
  setDefaults(object, resource.schema, builtInDefaults);
  const { name = '', namespace = '' } = object.metadata;
  const options = { manager: 'kube-apiserver', dryRun: false };
  writer.create({ resource, namespace, name, subresource: '' }, object, options);
}
