import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { kubeconfigText } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';
import { ApiError } from '../errors/api-error.ts';
import type { Faults } from '../faults/faults.ts';
import { openHostIdentity, openServiceAccountKey, openToken } from './host-identity.ts';
import type { HostIdentity } from './host-identity.ts';
import { runCluster } from './run-cluster.ts';
import type { RunningCluster, RunOptions } from './run-cluster.ts';
import type { SimCluster } from './sim-cluster.ts';
import { listenTls, secureContext } from './tls-listener.ts';
import type { TlsIdentity, TlsListener } from './tls-listener.ts';

/** One of the clusters of a host. */
export interface HostedClusterOptions extends RunOptions {
  /** A DNS label, by which clients tell it from the others. */
  readonly name: string;
  /** Whether its objects are kept in the folder of the host. */
  readonly durable?: boolean | undefined;
  /** A port of its own beside that of the host; 0 takes any that is free. */
  readonly port?: number | undefined;
  /** What it brings along, instead of what the host would give it. */
  readonly identity?: OwnIdentity | undefined;
}

/** The keys, the token and the folder of a cluster that were there before its host. Its kubeconfig is left alone. */
export interface OwnIdentity extends TlsIdentity {
  readonly token: string;
  /** Signs tokens of service accounts, as PEM; a key that ends with the host unless told. */
  readonly serviceAccountKey?: string | undefined;
  readonly dir: string;
}

/** What a host of simulated clusters should be. */
export interface SimHostOptions {
  /** Clusters to start with; more may be added. */
  readonly clusters?: readonly HostedClusterOptions[];
  /** Port of the listener that all clusters share; any that is free unless told. */
  readonly port?: number;
  /** Keeps keys, tokens, kubeconfigs and, for durable clusters, objects; without it nothing is left behind. */
  readonly dir?: string;
}

/** A cluster that a host serves. */
export interface HostedCluster extends ApiServerAccess {
  readonly name: string;
  /** The name to ask for in TLS, which tells the cluster: `eu.localhost`. */
  readonly serverName: string;
  /** A kubeconfig with an admin token, as text. */
  readonly kubeconfigText: string;
  /** Where the host keeps the kubeconfig; undefined when it has no folder, and for a cluster with an identity of its own. */
  readonly kubeconfig: string | undefined;
  readonly cluster: SimCluster;
  /** What goes wrong on request. */
  readonly faults: Faults;
}

/** Many simulated clusters behind one listener. Disposing it ends them all. */
export interface SimHost extends AsyncDisposable {
  readonly port: number;
  /** The clusters by name. */
  readonly clusters: ReadonlyMap<string, HostedCluster>;
  /** Starts one more. Rejects when its name or port is taken. */
  add(options: HostedClusterOptions): Promise<HostedCluster>;
  /** Ends one and cuts its connections; what it kept stays. One that is not there is no error. */
  remove(name: string): Promise<void>;
}

/**
 * Starts many clusters in this process. They share one listener on 127.0.0.1, which tells them apart by the name asked for in TLS
 * (`eu.localhost`; `tls-server-name` in kubeconfigs), else by the host of the request, else by the token.
 */
export async function startSimHost(options: SimHostOptions = {}): Promise<SimHost> {
  const { dir, port = 0, clusters = [] } = options;
  const identity = openHostIdentity(dir === undefined ? undefined : join(dir, 'identity'));
  const host = new Host(identity, dir);
  try {
    await host.listen(port);
    for (const cluster of clusters) await host.add(cluster);
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}

/** What is known of a cluster before it starts. */
interface KnownIdentity {
  /** Undefined when nothing is kept. */
  readonly dir: string | undefined;
  readonly token: string;
  readonly caPem: string;
  readonly serviceAccountKey?: string | undefined;
}

interface Hosted extends HostedCluster {
  readonly running: RunningCluster;
  readonly ownListener: TlsListener | undefined;
  readonly open: Set<ServerResponse>;
}

class Host implements SimHost {
  readonly clusters = new Map<string, Hosted>();
  /** Names of clusters that are being started. */
  readonly #coming = new Set<string>();
  readonly #byToken = new Map<string, Hosted>();
  readonly #identity: HostIdentity;
  readonly #dir: string | undefined;
  readonly #certificates = new WeakMap<Hosted, SecureContext>();
  #listener: TlsListener | undefined;

  constructor(identity: HostIdentity, dir: string | undefined) {
    this.#identity = identity;
    this.#dir = dir;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async listen(port: number): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      const named = this.#named(request);
      if (named === undefined) refuseUnknown(request, response);
      else serve(named, request, response);
    };
    this.#listener = await listenTls(this.#identity, port, answer, (name) => this.#certificateOf(name));
  }

  /** Issued when a cluster is first asked for by name: many are never. */
  #certificateOf(serverName: string): SecureContext | undefined {
    const hosted = this.clusters.get(labelOf(serverName));
    if (hosted === undefined) return undefined;
    const found = this.#certificates.get(hosted) ?? secureContext(this.#identity.issue(hosted.serverName));
    this.#certificates.set(hosted, found);
    return found;
  }

  async add(options: HostedClusterOptions): Promise<HostedCluster> {
    const { name } = options;
    if (!isLabel(name)) throw new Error(`${name} is no DNS label, by which a cluster could be told`);
    if (this.clusters.has(name) || this.#coming.has(name))
      throw new Error(`there is a cluster called ${name} already`);
    this.#coming.add(name);
    try {
      const hosted = await this.#start(options);
      this.clusters.set(name, hosted);
      this.#byToken.set(hosted.token, hosted);
      return hosted;
    } finally {
      this.#coming.delete(name);
    }
  }

  async #start(options: HostedClusterOptions): Promise<Hosted> {
    const { name, durable = false } = options;
    const known = this.#identityOf(options);
    if (durable && known.dir === undefined) throw new Error(`${name}: a host without a folder keeps nothing`);
    const ownListener = await this.#listenFor(options);
    try {
      return this.#run(options, known, ownListener);
    } catch (error) {
      await ownListener?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  #run(options: HostedClusterOptions, known: KnownIdentity, ownListener: TlsListener | undefined): Hosted {
    const { dir, token, caPem, serviceAccountKey } = known;
    const { name, durable = false } = options;
    const address = `127.0.0.1:${String(ownListener?.port ?? this.port)}`;
    const reached = { ...{ name, token, caPem }, serverName: `${name}.localhost`, url: `https://${address}` };
    const text = kubeconfigText(reached);
    const kubeconfig = options.identity === undefined ? keepKubeconfig(dir, text) : undefined;
    const access = { token, address, caPem, serviceAccountKey, journalDir: durable ? dir : undefined };
    const running = runCluster(access, options);
    const { cluster } = running;
    return {
      ...{ ...reached, kubeconfig, kubeconfigText: text },
      ...{ cluster, faults: cluster.faults, running, ownListener, open: new Set() },
    };
  }

  async remove(name: string): Promise<void> {
    const hosted = this.clusters.get(name);
    if (hosted === undefined) return;
    this.clusters.delete(name);
    this.#byToken.delete(hosted.token);
    for (const response of hosted.open) response.socket?.destroy();
    await hosted.ownListener?.[Symbol.asyncDispose]();
    await hosted.running[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    await Promise.all([...this.clusters.keys()].map((name) => this.remove(name)));
  }

  #identityOf({ name, identity }: HostedClusterOptions): KnownIdentity {
    if (identity !== undefined) return identity;
    const dir = this.#dir === undefined ? undefined : join(this.#dir, 'clusters', name);
    const serviceAccountKey = openServiceAccountKey(dir);
    return { dir, token: openToken(dir), caPem: this.#identity.caPem, serviceAccountKey };
  }

  /** A cluster's own port needs no name: whoever comes there means it. */
  async #listenFor({ name, port, identity }: HostedClusterOptions): Promise<TlsListener | undefined> {
    if (port === undefined) return undefined;
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      const hosted = this.clusters.get(name);
      if (hosted === undefined) response.destroy();
      else serve(hosted, request, response);
    };
    if (identity !== undefined) return listenTls(identity, port, answer);
    return listenTls(this.#identity, port, answer, (asked) => this.#certificateOf(asked));
  }

  #named({ socket, headers }: IncomingMessage): Hosted | undefined {
    // A connection without a name in TLS says false.
    const asked = socket instanceof TLSSocket ? serverNameOf(socket) : '';
    const [, token = ''] = (headers.authorization ?? '').split(' ');
    return (
      this.clusters.get(labelOf(asked)) ??
      this.clusters.get(labelOf(headers.host ?? '')) ??
      this.#byToken.get(token)
    );
  }
}

function serve({ cluster, open }: Hosted, request: IncomingMessage, response: ServerResponse): void {
  open.add(response);
  response.once('close', () => open.delete(response));
  void cluster.handle(request, response);
}

function serverNameOf(socket: TLSSocket): string {
  const name: unknown = Reflect.get(socket, 'servername');
  return typeof name === 'string' ? name : '';
}

/** The first label of `eu.localhost:6443`; empty for any other host. */
function labelOf(host: string): string {
  return /^([a-z0-9-]+)\.localhost(:\d+)?$/i.exec(host)?.[1]?.toLowerCase() ?? '';
}

function isLabel(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function refuseUnknown(request: IncomingMessage, response: ServerResponse): void {
  const why = `no cluster is meant by ${request.headers.host ?? 'this request'}: ask for NAME.localhost, or send a token`;
  const { status } = new ApiError(why, { code: 404, reason: 'NotFound', details: {} });
  response.writeHead(404, { 'content-type': 'application/json' }).end(`${JSON.stringify(status)}\n`);
}

/** @returns where the text is kept, undefined without a folder. */
function keepKubeconfig(dir: string | undefined, text: string): string | undefined {
  if (dir === undefined) return undefined;
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  return kubeconfig;
}
