import { setTimeout as wait } from 'node:timers/promises';
import { certificateAuthority } from '@meridian/testkit';
import type { Body } from './body.ts';
import { openHook } from './hook-server.ts';
import type { HookAnswer } from './hook-server.ts';
import type { ContractCase, Session } from './session.ts';
import type { Value } from './transcript.ts';

/** One webhook of a case. What `webhook` says is laid over a webhook that is asked about every write of the namespace. */
export interface HookSpec {
  readonly answer: (request: Body) => HookAnswer;
  readonly webhook?: Body;
  /** Whether the configuration names another authority than that of the webhook's certificate. */
  readonly distrusted?: boolean;
}

/** A case that runs while webhooks are configured for its namespace. */
export interface HookedCase {
  readonly title: string;
  /** Before the webhooks are there. */
  readonly before?: (session: Session) => Promise<void>;
  readonly mutating?: readonly HookSpec[];
  readonly validating?: readonly HookSpec[];
  readonly run: (session: Session) => Promise<void>;
}

const group = '/apis/admissionregistration.k8s.io/v1';
const probeLabel = 'probe.contract.example';

/** Allows what it is asked about. */
export const allow = (): HookAnswer => ({ response: { allowed: true } });

/** Allows and changes the object by JSON patch. */
export const patch =
  (...operations: readonly object[]) =>
  (): HookAnswer => ({
    response: {
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
    },
  });

/** Refuses with a Status, or without a word. */
export const deny = (status?: object) => (): HookAnswer => ({
  response: { allowed: false, ...(status === undefined ? {} : { status }) },
});

/** The rules of a webhook: operations, then resources as `group/version/resource`. */
export function rules(operations: readonly string[], ...resources: readonly string[]): Body[] {
  return resources.map((named) => {
    const [apiGroup = '', version = '', ...rest] = named.split('/');
    return {
      operations,
      apiGroups: [apiGroup],
      apiVersions: [version],
      resources: [rest.join('/')],
    };
  });
}

/** The contract case of a hooked one. What the webhooks were asked is part of what has to be alike. */
export function hooked({ title, before, mutating = [], validating = [], run }: HookedCase): ContractCase {
  return {
    title: `webhook: ${title}`,
    async run(session) {
      await before?.(session);
      const asked = [
        ...(await configure(session, 'Mutating', mutating)),
        ...(await configure(session, 'Validating', validating)),
      ];
      await run(session);
      for (const requests of asked) {
        session.exchanges.push({ asked: 'HOOK', status: 0, headers: {}, body: shown(requests) });
      }
      for (const kind of ['mutating', 'validating']) {
        await session.attempt('DELETE', `${group}/${kind}webhookconfigurations/{ns}`);
      }
    },
  };
}

/** Configures webhooks and waits until the server asks them. @returns what each is asked from then on. */
async function configure(
  session: Session,
  kind: 'Mutating' | 'Validating',
  specs: readonly HookSpec[],
): Promise<Body[][]> {
  if (specs.length === 0) return [];
  const opened = await Promise.all(specs.map(({ answer }) => openHook(answer)));
  const probe = await openHook(allow);
  const webhooks = specs.map(({ webhook, distrusted }, index) => ({
    ...common(session, `hook-${String(index)}`),
    clientConfig: {
      url: opened[index]?.url,
      caBundle: distrusted === true ? stranger() : probe.caBundle,
    },
    objectSelector: { matchExpressions: [{ key: probeLabel, operator: 'DoesNotExist' }] },
    ...webhook,
  }));
  const ready = {
    ...common(session, 'probe'),
    clientConfig: { url: probe.url, caBundle: probe.caBundle },
    objectSelector: { matchLabels: { [probeLabel]: 'yes' } },
  };
  await session.prepare('POST', `${group}/${kind.toLowerCase()}webhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: session.namespace },
    webhooks: [...webhooks, ready],
  });
  while (probe.requests.length === 0) {
    await session.prepare('POST', '/api/v1/namespaces/{ns}/configmaps?dryRun=All', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'probe-', labels: { [probeLabel]: 'yes' } },
    });
    await wait(20);
  }
  return opened.map(({ requests }) => requests);
}

/** The authority of nobody. */
function stranger(): string {
  return Buffer.from(certificateAuthority('stranger').certificatePem).toString('base64');
}

function common(session: Session, name: string): Body {
  return {
    name: `${name}.contract.example`,
    rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': session.namespace } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 5,
  };
}

/** A review's own uid is new for each call. */
function shown(requests: readonly Body[]): Value {
  return requests.map(({ uid: _uid, ...rest }) => structuredClone(rest) as Value);
}
