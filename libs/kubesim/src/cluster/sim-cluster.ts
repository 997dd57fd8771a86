import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestHandler } from '../api/handler.ts';
import type { User } from '../api/authenticate.ts';
import { openCatalog } from '../schema/catalog.ts';
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
  const writer = new Writer(store, registry, options.nowMs);
  const remover = new Remover(store, registry, options.nowMs);
  const { nowMs, address } = options;
  for (const name of firstNamespaces) createNamespace(writer, registry, name);
  return {
    store,
    handle: requestHandler({ store, registry, writer, remover, nowMs, address }, (token) =>
      Object.hasOwn(options.tokens, token) ? options.tokens[token] : undefined,
    ),
  };
}

function createNamespace(writer: Writer, registry: Registry, name: string): void {
  const resource = registry.find('', 'v1', 'namespaces');
  if (resource === undefined) throw new Error('the catalog has no namespaces');
  writer.create(
    { resource, namespace: '', name, subresource: '' },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { manager: 'kube-apiserver', dryRun: false },
  );
}
