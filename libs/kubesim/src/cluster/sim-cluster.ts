import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebhookReviewer } from '../admission/webhooks/webhook-reviewer.ts';
import { requestHandler } from '../api/handler.ts';
import type { User } from '../api/authenticate.ts';
import { TokenIssuer } from '../api/token-issuer.ts';
import { ClusterClient } from '../controllers/cluster-client.ts';
import type { ClusterCore } from '../controllers/cluster-client.ts';
import { DefinitionKeeper } from '../definitions/definition-keeper.ts';
import { Faults } from '../faults/faults.ts';
import type { KubeObject } from '../kube-object.ts';
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
  /** Signs tokens of service accounts, as PEM; a new key unless told, so that tokens end with the process. */
  readonly serviceAccountKey?: string;
  /** Where clients reach the cluster: `127.0.0.1:6443`. */
  readonly address: () => string;
  readonly nowMs: () => number;
  /** Numbers in [0, 1) by which faults are drawn; the machine's unless told, so that a seed makes faults come again. */
  readonly random?: () => number;
  /** Where its objects are; a new store in memory unless told. */
  readonly store?: Store;
}

/** One simulated cluster. */
export interface SimCluster {
  readonly store: Store;
  /** The way in for what runs inside of the cluster. */
  readonly core: ClusterCore;
  /** Where webhooks that name a service are reached: `127.0.0.1:8443` by `namespace/name:port`; empty at first. */
  readonly services: Map<string, string>;
  /** What goes wrong on request. */
  readonly faults: Faults;
  /** Answers a request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Namespaces that every cluster starts with. */
const firstNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Makes a cluster; with an empty store it holds what a fresh API server holds. */
export function createCluster(options: ClusterOptions): SimCluster {
  const { store = createStore() } = options;
  const registry = new Registry(openCatalog());
  const { address } = options;
  const faults = new Faults(options.random ?? (() => randomInt(2 ** 47) / 2 ** 47));
  const nowMs = () => options.nowMs() + faults.skewMs;
  const services = new Map<string, string>();
  const reviewer = new WebhookReviewer({ store, registry, services, nowMs, faults });
  const parts = { store, registry, nowMs, reviewer };
  const core = { ...parts, writer: new Writer(parts), remover: new Remover(parts) };
  const tokens = new TokenIssuer(store, nowMs, options.serviceAccountKey);
  const knownUser = (token: string) =>
    Object.hasOwn(options.tokens, token) ? options.tokens[token] : undefined;
  new DefinitionKeeper(core).start();
  if (store.count() === 0) for (const object of firstObjects()) createFirst(core, object);
  return {
    store,
    core,
    services,
    faults,
    handle: requestHandler({ ...core, address, faults, tokens, knownUser }, (token) => {
      const read = tokens.read(token);
      return knownUser(token) ?? (read !== undefined && 'user' in read ? read.user : undefined);
    }),
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

function createFirst(core: ClusterCore, object: KubeObject): void {
  const resource = core.registry.all().find(({ group, kind }) => group === '' && kind === object.kind);
  if (resource === undefined) throw new Error(`the catalog has no ${object.kind}`);
  new ClusterClient(core, 'kube-apiserver').create(resource.name, object);
}
