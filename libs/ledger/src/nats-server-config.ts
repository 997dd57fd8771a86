import { FaultError } from '@meridian/runtime/small';
import { bundleStream, ledgerStream, ledgerSubjects, safeToken } from './names.ts';
import { hasSyncInterval } from './version-gate.ts';

/** One cluster's access: its name and its agent's public nkey. */
export interface ClusterAccess {
  readonly name: string;
  readonly publicKey: string;
}

/** What a static config of one nats-server needs. */
export interface NatsServerConfigOptions {
  readonly hubPublicKey: string;
  readonly clusters: readonly ClusterAccess[];
  readonly port: number;
  /** Address to listen on; 127.0.0.1 unless told. */
  readonly host?: string;
  readonly storeDir: string;
  /** Shard whose subjects are exported; `main` unless told. */
  readonly shard?: string;
  readonly serverName?: string;
  /** Version of the server that will read the config; a new one is assumed when it is left out. */
  readonly serverVersion?: string;
  /** Port of 127.0.0.1 for the monitoring pages; without it there are none. They are never on another address. */
  readonly monitorPort?: number;
  /** PEM files for TLS between the server and its clients. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/**
 * The text of a nats-server config: the account HUB owns JetStream, and each cluster has an account of its own that
 * imports exactly its own subjects. An account per cluster, not permissions in one account, because an API answer goes
 * to whatever reply subject the asker names: in a shared account that writes into other clusters' desired state.
 */
export function natsServerConfig(options: NatsServerConfigOptions): string {
  const names = new Set(options.clusters.map(({ name }) => safeToken(name, 'cluster')));
  if (names.size !== options.clusters.length) throw invalid('two clusters have the same name');
  for (const { name, publicKey } of options.clusters) checkKey(publicKey, `cluster ${name}`);
  checkKey(options.hubPublicKey, 'the hub');
  return [serverSection(options), accountsSection(options)].join('\n');
}

function serverSection(options: NatsServerConfigOptions): string {
  // Without it an acknowledged message may be lost for up to two minutes of power failure.
  const sync = hasSyncInterval(options.serverVersion ?? '2.12.6') ? '\n  sync_interval: always' : '';
  const lines = [
    `listen: ${quote(`${options.host ?? '127.0.0.1'}:${options.port}`)}`,
    `server_name: ${quote(options.serverName ?? 'meridian')}`,
    'max_payload: 1MB',
    'write_deadline: "5s"',
    'ping_interval: "20s"',
    ...(options.monitorPort === undefined ? [] : [`http: ${quote(`127.0.0.1:${options.monitorPort}`)}`]),
    ...(options.tls
      ? [`tls { cert_file: ${quote(options.tls.certFile)}, key_file: ${quote(options.tls.keyFile)} }`]
      : []),
    `jetstream {\n  store_dir: ${quote(options.storeDir)}${sync}\n}`,
    'system_account: SYS',
  ];
  return `${lines.join('\n')}\n`;
}

function accountsSection(options: NatsServerConfigOptions): string {
  const shard = options.shard ?? 'main';
  const accounts = options.clusters.map((cluster) => clusterAccount(shard, cluster));
  return `accounts {\n  SYS { users: [] }\n${hubAccount(options, shard)}${accounts.join('')}}\n`;
}

function hubAccount(options: NatsServerConfigOptions, shard: string): string {
  const exports = options.clusters.flatMap(({ name }) => {
    const { streams, services } = clusterSubjects(shard, name);
    return [
      ...streams.map((subject) => `{ stream: ${quote(subject)}, accounts: [${accountOf(name)}] }`),
      ...services.map((subject) => `{ service: ${quote(subject)}, accounts: [${accountOf(name)}] }`),
    ];
  });
  const publish = [
    ledgerSubjects.all(shard),
    'bundle.*.*.*',
    'status.>',
    'event.*',
    `hub.${shard}.>`,
    '$JS.API.INFO',
    '$JS.API.STREAM.>',
    '$JS.API.CONSUMER.>',
    '$JS.API.DIRECT.>',
    '$JS.ACK.>',
    '_INBOX.>',
  ];
  const subscribe = ['_INBOX.>', `hub.${shard}.>`];
  return `  HUB {
    jetstream: enabled
    users: [{ nkey: ${options.hubPublicKey}, permissions: { publish: ${list(publish)}, subscribe: ${list(subscribe)} } }]
    exports: [${exports.map((line) => `\n      ${line}`).join('')}
    ]
  }
`;
}

function clusterAccount(shard: string, { name, publicKey }: ClusterAccess): string {
  const { streams, services } = clusterSubjects(shard, name);
  const imports = [
    ...streams.map((subject) => `{ stream: { account: HUB, subject: ${quote(subject)} } }`),
    ...services.map((subject) => `{ service: { account: HUB, subject: ${quote(subject)} } }`),
  ];
  const subscribe = [`_INBOX_${name}.>`, ...streams];
  return `  ${accountOf(name)} {
    limits { max_connections: 16, max_subscriptions: 64, max_payload: 4KB }
    users: [{ nkey: ${publicKey}, permissions: { publish: ${list(services)}, subscribe: ${list(subscribe)} } }]
    imports: [${imports.map((line) => `\n      ${line}`).join('')}
    ]
  }
`;
}

/** Exactly what a cluster may hear and ask. */
function clusterSubjects(shard: string, cluster: string): { streams: string[]; services: string[] } {
  const get = (stream: string, subject: string) => `$JS.API.DIRECT.GET.${stream}.${subject}`;
  const assign = ledgerSubjects.assign(shard, cluster, '*');
  const ledger = ledgerStream(shard);
  return {
    streams: [assign],
    services: [
      get(ledger, assign),
      get(ledger, ledgerSubjects.index(shard, cluster)),
      get(bundleStream, `bundle.${cluster}.*.*`),
    ],
  };
}

function accountOf(cluster: string): string {
  return quote(`CLUSTER_${cluster}`);
}

function list(subjects: readonly string[]): string {
  return `{ allow: [${subjects.map(quote).join(', ')}] }`;
}

function quote(text: string): string {
  // nats-server's config has no \u escapes; a control character has no place in any of our values.
  if (/[\p{Cc}"\\]/u.test(text))
    throw invalid(`${JSON.stringify(text)} cannot stand in a nats-server config`);
  return `"${text}"`;
}

function checkKey(publicKey: string, whose: string): void {
  if (!/^U[A-Z2-7]{55}$/.test(publicKey))
    throw invalid(`the key of ${whose} is not a public user nkey (U and 55 letters and digits)`);
}

function invalid(message: string): FaultError {
  return new FaultError('invalid', message, { retry: 'never' });
}
