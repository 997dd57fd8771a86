import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@meridian/manifests';
import { ensureParts, repoRoot, run } from '@meridian/testkit';
import { z } from 'zod';

const texts = z.array(z.string()).readonly();
const roleRule = z
  .object({ apiGroups: texts, resources: texts, resourceNames: texts.optional(), verbs: texts })
  .readonly();
const role = z.object({
  kind: z.string(),
  metadata: z.object({ namespace: z.string().optional() }),
  rules: z.array(roleRule).readonly(),
});

/** A rule of RBAC. */
export type RoleRule = z.infer<typeof roleRule>;

/** What the agent's chart grants. */
export interface ChartRules {
  /** In all namespaces. */
  readonly cluster: readonly RoleRule[];
  /** In the namespace of the agent. */
  readonly own: readonly RoleRule[];
  /** In other namespaces, by name. */
  readonly elsewhere: { readonly [namespace: string]: readonly RoleRule[] };
}

const releaseNamespace = 'meridian-system';

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
    ['template', 'main', join(repoRoot, 'helm/agent'), '--namespace', releaseNamespace, '--values', file],
    // A home of its own: no repositories, plugins or settings of this machine's user.
    { env: { HOME: dir, HELM_CONFIG_HOME: dir, HELM_CACHE_HOME: dir, HELM_DATA_HOME: dir } },
  );
  if (code !== 0) throw new Error(stderr);
  const parsed = parseYaml(stdout, 'chart');
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  const roles = parsed.documents.flatMap(({ value }) => role.safeParse(value).data ?? []);
  const own = roles.filter(
    ({ kind, metadata }) => kind === 'Role' && metadata.namespace === releaseNamespace,
  );
  const others = roles.filter(
    ({ kind, metadata }) => kind === 'Role' && metadata.namespace !== releaseNamespace,
  );
  return {
    cluster: roles.find(({ kind }) => kind === 'ClusterRole')?.rules ?? [],
    own: own.flatMap(({ rules }) => rules),
    elsewhere: Object.fromEntries(others.map(({ metadata, rules }) => [metadata.namespace ?? '', rules])),
  };
}
