import { homedir } from 'node:os';
import { ConfigError, loadConfig } from '@meridian/runtime';
import { z } from 'zod';
import type { RenderLimits } from '@meridian/rendering';

const file = () => z.string().min(1);
const hostAndPort = () =>
  z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be host:port, such as 127.0.0.1:8080');
const address = (preset: string) => hostAndPort().default(preset);
const optionalAddress = () => hostAndPort().optional();
const label = (preset: string) =>
  z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and -, at most 63')
    .default(preset);
const url = (pattern: RegExp, said: string) => z.string().regex(pattern, said);

/** The environment of the hub: names, types, defaults and meaning. The configuration reference is made from it. */
export const hubEnvironment = z.object({
  MERIDIAN_HUB_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'may have letters, digits, -, _ and . only')
    .describe('Name of this replica; each replica has another.'),
  MERIDIAN_SHARD: label('main').describe('Ledger shard; hubs and agents of one fleet use the same.'),
  MERIDIAN_REPO_URL: z
    .string()
    .min(1)
    .describe('URL or path of the fleet repo: https://, ssh://, file:// or a path.'),
  MERIDIAN_REPO_BRANCH: z.string().min(1).default('main').describe('Branch that the fleet follows.'),
  MERIDIAN_REPO_POLL_MS: z.coerce
    .number()
    .int()
    .min(200)
    .max(3_600_000)
    .default(3_000)
    .describe('How often the branch is looked at when no webhook calls, in milliseconds.'),
  MERIDIAN_FLEET_PATH: z
    .string()
    .regex(
      /^(?!\/)(?!.*\.\.)[^\0\\]*[^\0\\/]$/,
      'must be a relative path without .. and without / at the end',
    )
    .default('fleet')
    .describe('Directory of the fleet configuration in the fleet repo.'),
  MERIDIAN_RENDER_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Threads that render applications, at most; never more than there are cores.'),
  MERIDIAN_RENDER_TIME_LIMIT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(20_000)
    .describe('How long one application may take to render for one cluster, in milliseconds.'),
  MERIDIAN_RENDER_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(64)
    .max(16_384)
    .default(768)
    .describe('Memory that one of these threads may use, in megabytes.'),
  MERIDIAN_HELM: file()
    .default('helm')
    .describe(
      'Name on PATH or path of the helm (3 or 4) that renders charts. Without it charts are refused.',
    ),
  MERIDIAN_DATA_DIR: file().describe(
    'Directory of this hub alone, for the mirror of the fleet repo and what the program is compiled to; may be lost.',
  ),
  MERIDIAN_NATS_URL: url(
    /^(nats|tls|wss?):\/\//,
    'must be nats://host:port, several with commas between',
  ).describe('NATS servers, with commas between.'),
  MERIDIAN_NATS_SEED_FILE: file().describe("File with the nkey seed of the HUB account's user."),
  MERIDIAN_REDIS_URL: url(/^rediss?:\/\//, 'must be redis://host:port or rediss://host:port').describe(
    'Redis that holds the leader lock.',
  ),
  MERIDIAN_SIGNING_KEY_FILE: file().describe('File with the ed25519 key (PKCS8 PEM) that signs assignments.'),
  MERIDIAN_API_ADDRESS: address('127.0.0.1:8080').describe(
    'Where the fleet API and the webhooks are served.',
  ),
  MERIDIAN_API_TOKENS_FILE: file().describe(
    'File with one `name sha256hex [roles=ROLE,…] [identity=MAIL-OR-NAME,…]` per line: who may use the API, and who that is in git.',
  ),
  MERIDIAN_WEBHOOK_SECRET_FILE: file()
    .optional()
    .describe('File with the secret that git hosts sign webhooks with; without it webhooks are refused.'),
  MERIDIAN_GATE_ORIGINS: z
    .string()
    .regex(
      /^https?:\/\/[^\s,\/?#@]+(,https?:\/\/[^\s,\/?#@]+)*$/,
      'must be origins such as https://gates.example.com, with commas between and without a path',
    )
    .refine(
      (text) => text.split(',').every((origin) => URL.canParse(origin)),
      'has an origin with a host or a port that cannot be',
    )
    .optional()
    .describe(
      'Origins that webhook gates of rollouts may be asked at, with commas between; none without it.',
    ),
  MERIDIAN_GATE_SECRET_FILE: file()
    .optional()
    .describe('File with the secret that signs what webhook gates are asked; unsigned without it.'),
  MERIDIAN_LINK_ADDRESS: address('0.0.0.0:8443').describe('Where agents attach, by gRPC over mTLS.'),
  MERIDIAN_LINK_CA_FILE: file().describe(
    'File with the authority (PEM) that signs the certificates of agents.',
  ),
  MERIDIAN_LINK_CERT_FILE: file().describe("File with the hub's certificate (PEM) for the link."),
  MERIDIAN_LINK_KEY_FILE: file().describe('File with the key (PEM) of that certificate.'),
  MERIDIAN_LINK_REVOKED_FILE: file()
    .optional()
    .describe(
      'File with revoked certificates of agents, one `sha256 FINGERPRINT` or `serial NUMBER` a line; read again every 5 s.',
    ),
  MERIDIAN_LINK_AUTHORITY_KEY_FILE: file()
    .optional()
    .describe(
      'File with the key (PEM) of an authority in MERIDIAN_LINK_CA_FILE, with which certificates of agents are renewed; without it others have to. Read again for each certificate.',
    ),
  MERIDIAN_LINK_CERTIFICATE_LIFE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(398 * 86_400_000)
    .default(30 * 86_400_000)
    .describe('How long a certificate is valid that this hub issues, in milliseconds.'),
  MERIDIAN_ENROLMENT_ADDRESS: optionalAddress().describe(
    'Where agents without a valid certificate get one, by an ended certificate or a token; over TLS, without client certificates. None can without it; it needs MERIDIAN_LINK_AUTHORITY_KEY_FILE.',
  ),
  MERIDIAN_ENROLMENT_GRACE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(366 * 86_400_000)
    .default(30 * 86_400_000)
    .describe('How long after its end a certificate may be renewed there, in milliseconds.'),
  MERIDIAN_METRICS_ADDRESS: address('127.0.0.1:9090').describe(
    'Where /metrics, /healthz and /readyz are served.',
  ),
  MERIDIAN_OTLP_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base URL of an OTLP/HTTP collector for traces; none are sent without it.'),
  MERIDIAN_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level of log lines that are written.'),
});

/** Everything a hub is told, total and checked. Secrets are file paths. */
export interface HubConfig {
  readonly hubId: string;
  readonly shard: string;
  readonly repo: {
    readonly url: string;
    readonly branch: string;
    readonly pollMs: number;
    readonly fleetPath: string;
  };
  readonly rendering: RenderLimits;
  /** Name or path of the helm that renders charts. */
  readonly helm: string;
  readonly dataDir: string;
  readonly nats: { readonly url: string; readonly seedFile: string };
  readonly redisUrl: string;
  readonly signingKeyFile: string;
  readonly api: {
    readonly address: string;
    readonly tokensFile: string;
    readonly webhookSecretFile: string | undefined;
  };
  /** What webhook gates may ask. */
  readonly gates: { readonly origins: readonly string[]; readonly secretFile: string | undefined };
  readonly link: {
    readonly address: string;
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
    readonly revokedFile: string | undefined;
    /** How certificates of agents are issued; undefined leaves it to others. */
    readonly issuing: { readonly authorityKeyFile: string; readonly lifeMs: number } | undefined;
  };
  /** Where agents enrol; undefined when they cannot. Needs `link.issuing`. */
  readonly enrolment: { readonly address: string; readonly graceMs: number } | undefined;
  readonly metricsAddress: string;
  readonly otlpUrl: string | undefined;
  readonly logLevel: z.infer<typeof hubEnvironment>['MERIDIAN_LOG_LEVEL'];
  /** Where git is found and whose keys it uses. */
  readonly git: { readonly path: string; readonly home: string };
}

/** Reads the environment. Throws ConfigError that lists every mistake at once. */
export function loadHubConfig(env: NodeJS.ProcessEnv = process.env): HubConfig {
  const read = loadConfig(hubEnvironment, env);
  return {
    hubId: read.MERIDIAN_HUB_ID,
    shard: read.MERIDIAN_SHARD,
    repo: {
      url: read.MERIDIAN_REPO_URL,
      branch: read.MERIDIAN_REPO_BRANCH,
      pollMs: read.MERIDIAN_REPO_POLL_MS,
      fleetPath: read.MERIDIAN_FLEET_PATH,
    },
    rendering: {
      threads: read.MERIDIAN_RENDER_THREADS,
      timeLimitMs: read.MERIDIAN_RENDER_TIME_LIMIT_MS,
      memoryMb: read.MERIDIAN_RENDER_MEMORY_MB,
    },
    helm: read.MERIDIAN_HELM,
    dataDir: read.MERIDIAN_DATA_DIR,
    nats: { url: read.MERIDIAN_NATS_URL, seedFile: read.MERIDIAN_NATS_SEED_FILE },
    redisUrl: read.MERIDIAN_REDIS_URL,
    signingKeyFile: read.MERIDIAN_SIGNING_KEY_FILE,
    api: {
      address: read.MERIDIAN_API_ADDRESS,
      tokensFile: read.MERIDIAN_API_TOKENS_FILE,
      webhookSecretFile: read.MERIDIAN_WEBHOOK_SECRET_FILE,
    },
    gates: {
      origins: (read.MERIDIAN_GATE_ORIGINS?.split(',') ?? []).map((origin) => new URL(origin).origin),
      secretFile: read.MERIDIAN_GATE_SECRET_FILE,
    },
    link: {
      address: read.MERIDIAN_LINK_ADDRESS,
      caFile: read.MERIDIAN_LINK_CA_FILE,
      certFile: read.MERIDIAN_LINK_CERT_FILE,
      keyFile: read.MERIDIAN_LINK_KEY_FILE,
      revokedFile: read.MERIDIAN_LINK_REVOKED_FILE,
      issuing: issuingOf(read),
    },
    enrolment: enrolmentOf(read),
    metricsAddress: read.MERIDIAN_METRICS_ADDRESS,
    otlpUrl: read.MERIDIAN_OTLP_URL,
    logLevel: read.MERIDIAN_LOG_LEVEL,
    git: { path: env['PATH'] ?? '/usr/bin:/bin', home: env['HOME'] ?? homedir() },
  };
}

function issuingOf({
  MERIDIAN_LINK_AUTHORITY_KEY_FILE: authorityKeyFile,
  MERIDIAN_LINK_CERTIFICATE_LIFE_MS: lifeMs,
}: z.output<typeof hubEnvironment>): HubConfig['link']['issuing'] {
  return authorityKeyFile === undefined ? undefined : { authorityKeyFile, lifeMs };
}

function enrolmentOf({
  MERIDIAN_ENROLMENT_ADDRESS: address,
  MERIDIAN_ENROLMENT_GRACE_MS: graceMs,
  MERIDIAN_LINK_AUTHORITY_KEY_FILE: authorityKeyFile,
}: z.output<typeof hubEnvironment>): HubConfig['enrolment'] {
  if (address === undefined) return undefined;
  if (authorityKeyFile !== undefined) return { address, graceMs };
  throw new ConfigError([
    'MERIDIAN_ENROLMENT_ADDRESS: needs MERIDIAN_LINK_AUTHORITY_KEY_FILE, with which certificates are signed there',
  ]);
}
