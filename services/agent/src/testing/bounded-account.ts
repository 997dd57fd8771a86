import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@meridian/manifests';
import { askApiServer, kubeconfigText } from '@meridian/testkit';
import type { ChartRules, RoleRule } from './chart.ts';
import type { TestPlane } from './plane.ts';
import { until } from './rig.ts';

const fieldManager = 'test';
const { signal } = new AbortController();
const rbac = 'rbac.authorization.k8s.io';

/** Which account to make, and what it may do. */
export interface BoundedAccount {
  readonly name: string;
  readonly namespace: string;
  readonly rules: ChartRules;
}

/** Makes a service account with exactly these rights and gives a kubeconfig of it once the API server grants them. */
export async function bindAccount(plane: TestPlane, account: BoundedAccount): Promise<string> {
  const { name, namespace, rules } = account;
  await create(plane, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  await grant(plane, { kind: 'ClusterRole', name, rules: rules.cluster, subjects });
  await grant(plane, { kind: 'Role', name, namespace, rules: rules.own, subjects });
  const elsewhere = Object.entries(rules.elsewhere);
  for (const [other, others] of elsewhere)
    await grant(plane, { kind: 'Role', name, namespace: other, rules: others, subjects });
  const inOthers = elsewhere.flatMap(([other, others]) =>
    others.map((rule) => ({ ...rule, namespace: other })),
  );
  for (const rule of [...rules.cluster, ...rules.own.map((own) => ({ ...own, namespace })), ...inOthers])
    await until(`${name} may ${JSON.stringify(rule)}`, () => isGranted(plane, account, rule));
  const { control } = plane;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const answer = await askApiServer(control, 'POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3_600 },
  });
  const { token } = (JSON.parse(answer.text) as { status: { token: string } }).status;
  const file = join(plane.dir, `${name}.kubeconfig`);
  await writeFile(file, kubeconfigText({ name, url: control.url, caPem: control.caPem, token }));
  return file;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

interface Grant {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  readonly namespace?: string;
  readonly rules: readonly RoleRule[];
  readonly subjects: readonly Subject[];
}

/** Makes a role and binds it. */
export async function grant(
  plane: TestPlane,
  { kind, name, namespace, rules, subjects }: Grant,
): Promise<void> {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const apiVersion = `${rbac}/v1`;
  await create(plane, { apiVersion, kind, metadata, rules: rules.map(written) });
  const roleRef = { apiGroup: rbac, kind, name };
  const binding = { apiVersion, kind: `${kind}Binding`, metadata, roleRef };
  await create(plane, { ...binding, subjects: subjects.map((each) => ({ ...each })) });
}

function written({ apiGroups, resources, resourceNames, verbs }: RoleRule) {
  return { apiGroups, resources, verbs, ...(resourceNames ? { resourceNames } : {}) };
}

async function create(plane: TestPlane, object: KubeObject): Promise<void> {
  await plane.kube.apply(object, { fieldManager, force: true, signal });
}

/** Roles are read by the API server a moment after they were made. */
async function isGranted(
  { control }: TestPlane,
  { name, namespace }: BoundedAccount,
  rule: RoleRule & { readonly namespace?: string },
): Promise<boolean> {
  const answer = await askApiServer(control, 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      resourceAttributes: {
        group: rule.apiGroups[0],
        resource: rule.resources[0],
        verb: rule.verbs[0],
        name: rule.resourceNames?.[0],
        namespace: rule.namespace,
      },
    },
  });
  return (JSON.parse(answer.text) as { status: { allowed: boolean } }).status.allowed;
}
