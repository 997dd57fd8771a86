import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { ensureParts, repoRoot, run } from '@meridian/testkit';

/** A rule of RBAC. */
export interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** What the agent's chart grants. */
export interface ChartRules {
  /** In all namespaces. */
  readonly cluster: readonly RoleRule[];
  /** In the namespace of the agent. */
  readonly own: readonly RoleRule[];
}

const required = {
  cluster: 'one',
  nats: { url: 'nats://nats:4222' },
  link: { urls: ['hub:8443'] },
  trustedKeys: { pem: '-----BEGIN PUBLIC KEY-----' },
};

/** Renders the agent's chart with these values and gives the rules of its roles. */
export async function chartRules(dir: string, values: object): Promise<ChartRules> {
  const helm = (await ensureParts(['helm'])).get('helm') ?? '';
  const file = join(dir, 'values.json');
  await writeFile(file, JSON.stringify({ ...required, ...values }));
  const { code, stdout, stderr } = await run(
    helm,
    ['template', 'main', join(repoRoot, 'helm/agent'), '--values', file],
    // A home of its own: no repositories, plugins or settings of this machine's user.
    { env: { HOME: dir, HELM_CONFIG_HOME: dir, HELM_CACHE_HOME: dir, HELM_DATA_HOME: dir } },
  );
  if (code !== 0) throw new Error(stderr);
  const parsed = parseYaml(stdout, 'chart');
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  const objects = parsed.documents.map(({ value }) => value as unknown as KubeObject | null);
  const rulesOf = (kind: string) => objects.find((each) => each?.kind === kind)?.['rules'];
  return {
    cluster: rulesOf('ClusterRole') as unknown as RoleRule[],
    own: rulesOf('Role') as unknown as RoleRule[],
  };
}
