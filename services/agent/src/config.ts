import { loadConfig as parseEnvironment } from '@meridian/runtime';
import { z } from 'zod';
import { allowedAccountPattern } from './assignments/account.ts';
import { metricSourcesSchema } from './checks/source-config.ts';
import { defaultDataDir } from './launch/config.ts';

const label = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be a DNS label: lower-case letters, digits and dashes, at most 63',
  );
const address = z.string().regex(/^.+:\d{1,5}$/, 'must be host:port');

/** Everything an agent is told; one variable for each, with its default. Secrets come as paths of files. */
export const agentConfigSchema = z.object({
  MERIDIAN_CLUSTER: label.describe(
    'Name of the cluster this agent serves, as the fleet configuration has it',
  ),
  MERIDIAN_SHARD: label.default('main').describe('Ledger shard'),
  MERIDIAN_NATS_URL: z.string().describe('NATS servers, separated by commas'),
  MERIDIAN_NATS_SEED_FILE: z.string().describe('File with the nkey seed of this cluster'),
  MERIDIAN_LINK_URLS: z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim()))
    .pipe(z.array(address).min(1))
    .describe('host:port of every hub replica, separated by commas'),
  MERIDIAN_LINK_CA_FILE: z.string().describe('PEM file of the authority that signed the hubs’ certificates'),
  MERIDIAN_LINK_CERT_FILE: z.string().describe('PEM file of this agent’s certificate'),
  MERIDIAN_LINK_KEY_FILE: z.string().describe('PEM file of this agent’s private key'),
  MERIDIAN_ENROLMENT_URLS: z
    .string()
    .optional()
    .transform((text = '') => text.split(',').map((url) => url.trim()))
    .transform((urls) => urls.filter((url) => url !== ''))
    .pipe(z.array(address))
    .describe(
      'host:port where hubs enrol, separated by commas: a certificate that ended is renewed there, or got by a token. Not done when unset',
    ),
  MERIDIAN_ENROLMENT_TOKEN_FILE: z
    .string()
    .optional()
    .describe(
      'File with a one-time token (`meridian clusters enrol`), used once when it is there; it may be absent or empty',
    ),
  MERIDIAN_TRUSTED_KEYS_FILE: z
    .string()
    .describe('Public keys (PEM, concatenated) that may sign assignments'),
  MERIDIAN_KUBECONFIG: z
    .string()
    .optional()
    .describe('Kubeconfig file; the pod’s service account when unset'),
  MERIDIAN_KUBE_CONTEXT: z
    .string()
    .optional()
    .describe('Context in the kubeconfig; its current one when unset'),
  MERIDIAN_STATE_NAMESPACE: label
    .default('meridian-system')
    .describe('Namespace of the Secrets that keep the agent’s state'),
  MERIDIAN_SERVICE_ACCOUNT: label
    .optional()
    .describe(
      'Service account, in the namespace of each application, by whose rights objects are written of applications that name none; the agent’s own rights when unset',
    ),
  MERIDIAN_ALLOWED_SERVICE_ACCOUNTS: z
    .string()
    .optional()
    .transform((text = '') => text.split(',').map((entry) => entry.trim()))
    .transform((entries) => entries.filter((entry) => entry !== ''))
    .pipe(
      z.array(
        z.string().regex(allowedAccountPattern, 'must be NAME or NAMESPACE/NAME, in which * is any text'),
      ),
    )
    .describe(
      'Service accounts that applications may name, separated by commas: NAME in the namespace of the application, or NAMESPACE/NAME; * stands for any text',
    ),
  MERIDIAN_AGE_KEYS_DIR: z
    .string()
    .optional()
    .describe(
      'Directory of files with age identities, with which Secrets encrypted by SOPS are decrypted; read again when it is needed',
    ),
  MERIDIAN_LIMITS_FILE: z
    .string()
    .optional()
    .describe(
      'AgentLimits document with what this agent may do, whatever a hub says; read again whenever it changes. While it was never read, nothing is written',
    ),
  MERIDIAN_METRICS_SOURCES: metricSourcesSchema.describe(
    'Where checks of rollouts may ask for metrics (Prometheus HTTP API): a JSON list of { name, url, tokenFile, caFile }; files are read for each question. None when unset',
  ),
  MERIDIAN_DATA_DIR: z
    .string()
    .default(defaultDataDir)
    .describe('Directory that keeps the agent’s state on disk'),
  MERIDIAN_METRICS_ADDRESS: address.default('127.0.0.1:9090').describe('host:port of metrics and probes'),
  MERIDIAN_OTLP_URL: z.url().optional().describe('OTLP/HTTP collector for traces'),
  MERIDIAN_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Lowest level that is logged'),
});

/** The agent's configuration with every default filled in. */
export type AgentConfig = z.output<typeof agentConfigSchema>;

/** Reads the environment; throws ConfigError that lists every mistake. The only reader of `process.env` in the agent. */
export function loadConfig(env: { readonly [name: string]: string | undefined } = process.env): AgentConfig {
  return parseEnvironment(agentConfigSchema, env);
}
