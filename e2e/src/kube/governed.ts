import type { Body } from './body.ts';
import { rules } from './hooked.ts';
import type { ContractCase, Session } from './session.ts';
import { until } from './until.ts';

/** One admission policy of a case and its bindings. What is left out is about config maps of the case's namespace. */
export interface PolicySpec {
  readonly kind?: 'Validating' | 'Mutating';
  readonly spec: Body;
  /** Specs of its bindings; one that denies, or one that is about everything, unless told. */
  readonly bindings?: readonly Body[];
}

/** A case that runs while admission policies are in force. */
export interface GovernedCase {
  readonly title: string;
  /** Before the policies are there. */
  readonly before?: (session: Session) => Promise<void>;
  readonly policies: readonly PolicySpec[];
  readonly run: (session: Session) => Promise<void>;
}

const group = '/apis/admissionregistration.k8s.io/v1';
const apiVersion = 'admissionregistration.k8s.io/v1';
const probeLabel = 'governed.contract.example';
const ownNamespace = (session: Session) => ({
  matchLabels: { 'kubernetes.io/metadata.name': session.namespace },
});

/** Constraints of a policy: operations, then resources as `group/version/resource`. */
export function about(operations: readonly string[], ...resources: readonly string[]): Body {
  return { resourceRules: rules(operations, ...resources) };
}

/** The contract case of a governed one. A policy takes effect a while after it was made, which the case waits for. */
export function governed({ title, before, policies, run }: GovernedCase): ContractCase {
  return {
    title: `policy: ${title}`,
    async run(session) {
      await before?.(session);
      const made: string[] = [];
      for (const [index, policy] of policies.entries()) {
        made.push(...(await make(session, `{ns}-${String(index)}`, policy)));
      }
      // Probes of validating policies would refuse those of the others.
      for (const kind of ['Mutating', 'Validating'] as const) {
        if (policies.some((policy) => (policy.kind ?? 'Validating') === kind)) {
          made.push(...(await takesEffect(session, kind)));
        }
      }
      try {
        await run(session);
      } finally {
        for (const path of made.toReversed()) await session.attempt('DELETE', path);
      }
    },
  };
}

/**
 * Makes policies that take config maps for parameters and are about nothing, and leaves them there: a real server stops to watch
 * parameters when the last policy goes that takes them, and does not begin again with those of built-in kinds.
 */
export async function keepParameters(session: Session): Promise<void> {
  const nothing = about(['CREATE'], 'none.example.com/v1/nothing');
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  const bindings = [{ paramRef: { name: 'none', parameterNotFoundAction: 'Allow' } }];
  const spec = { matchConstraints: nothing, paramKind };
  const change = { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } };
  const { status } = await session.attempt('GET', `${group}/mutatingadmissionpolicybindings/keeper-0`);
  if (status === 200) return;
  await make(session, 'keeper', { spec: { ...spec, validations: [{ expression: 'true' }] }, bindings });
  await make(session, 'keeper', { kind: 'Mutating', spec: { ...spec, mutations: [change] }, bindings });
}

/** Makes a policy and its bindings. @returns where they are. */
async function make(session: Session, named: string, policy: PolicySpec): Promise<string[]> {
  const { kind = 'Validating', spec, bindings = [{}] } = policy;
  const name = named.replace('{ns}', session.namespace);
  const stem = `${group}/${kind.toLowerCase()}admissionpolic`;
  const { matchConstraints = about(['CREATE', 'UPDATE'], '/v1/configmaps') } = spec;
  await session.prepare('POST', `${stem}ies`, {
    apiVersion,
    kind: `${kind}AdmissionPolicy`,
    metadata: { name },
    spec: {
      ...(kind === 'Mutating' ? { reinvocationPolicy: 'Never' } : {}),
      ...spec,
      matchConstraints: { ...selecting(session), ...(matchConstraints as Body) },
    },
  });
  const paths = [`${stem}ies/${name}`];
  for (const [index, binding] of bindings.entries()) {
    const own = `${name}-${String(index)}`;
    await session.prepare('POST', `${stem}ybindings`, {
      apiVersion,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: { name: own },
      spec: {
        policyName: name,
        ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}),
        ...binding,
      },
    });
    paths.push(`${stem}ybindings/${own}`);
  }
  return paths;
}

/** Policies see their own namespace and no probes. */
function selecting(session: Session): Body {
  return {
    namespaceSelector: ownNamespace(session),
    objectSelector: { matchExpressions: [{ key: probeLabel, operator: 'DoesNotExist' }] },
  };
}

/** Makes one more policy and waits until it is followed: those before it are followed then, too. @returns where it is. */
async function takesEffect(session: Session, kind: 'Validating' | 'Mutating'): Promise<string[]> {
  const { resourceRules } = about(['CREATE'], '/v1/configmaps');
  const matchConstraints = {
    resourceRules,
    namespaceSelector: ownNamespace(session),
    objectSelector: { matchLabels: { [probeLabel]: 'yes' } },
  };
  const expression = 'Object{data: {"seen": "yes"}}';
  const rest =
    kind === 'Validating'
      ? { validations: [{ expression: 'false' }] }
      : { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] };
  const made = await make(session, `{ns}-probe`, { kind, spec: { matchConstraints, ...rest } });
  await until(async () => {
    const { status, body } = await session.attempt('POST', '/api/v1/namespaces/{ns}/configmaps?dryRun=All', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'probe-', labels: { [probeLabel]: 'yes' } },
    });
    return kind === 'Validating' ? status === 422 : body['data'] !== undefined;
  }, 'the policy is not followed');
  return made;
}
