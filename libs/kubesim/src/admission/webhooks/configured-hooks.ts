import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Store } from '../../store/store.ts';
import { expressionOf } from '../policies/cel/run-expression.ts';
import type { Expression } from '../policies/cel/run-expression.ts';

/** What a webhook is asked about (`RuleWithOperations`). */
export interface HookRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  /** `pods`, `pods/status`, `*`, `*\/*`. */
  readonly resources: readonly string[];
  readonly scope: string;
  /** The only objects that it is about, by name; any when there are none. */
  readonly names: readonly string[];
}

/** Which writes somebody is asked about. */
export interface Matching {
  readonly rules: readonly HookRule[];
  /** What the rules leave out again. */
  readonly exceptions: readonly HookRule[];
  /** Whether it is asked about other versions of what its rules name. */
  readonly matchesEquivalent: boolean;
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
}

/** One webhook of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
export interface Hook extends Matching {
  /** Tells it from all others of the cluster. */
  readonly id: string;
  readonly name: string;
  readonly client: HookClient;
  readonly failsOpen: boolean;
  readonly conditions: readonly Expression[];
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  readonly reinvoked: boolean;
}

/** Where a webhook is. */
export interface HookClient {
  readonly url: string | undefined;
  readonly service:
    | { readonly namespace: string; readonly name: string; readonly path: string; readonly port: number }
    | undefined;
  /** PEM; empty for the authorities of the machine. */
  readonly authorities: string;
}

const resources = {
  mutating: 'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  validating: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
};

/** Stored configurations never change in place, so each is read once. */
const read = new WeakMap<KubeObject, readonly Hook[]>();

/** The webhooks of a cluster in the order in which they are called: by the name of their configuration. */
export function configuredHooks(store: Store, phase: 'mutating' | 'validating'): readonly Hook[] {
  return store.list(resources[phase]).flatMap((configuration) => {
    const found = read.get(configuration) ?? itemsAt(configuration, 'webhooks').map(hookOf(configuration));
    read.set(configuration, found);
    return found;
  });
}

/** What the API server defaults is defaulted here too: a configuration may be older than the defaults. */
function hookOf({ metadata: { name: configuration = '' } }: KubeObject) {
  return (hook: Json, index: number): Hook => ({
    id: `${configuration}/${textAt(hook, 'name') ?? ''}/${String(index)}`,
    name: textAt(hook, 'name') ?? '',
    client: clientOf(objectAt(hook, 'clientConfig') ?? {}),
    failsOpen: textAt(hook, 'failurePolicy') === 'Ignore',
    ...matchingOf(hook, { rules: 'rules', exceptions: 'none' }),
    conditions: itemsAt(hook, 'matchConditions').map((condition) =>
      expressionOf(textAt(condition, 'expression') ?? ''),
    ),
    sideEffects: textAt(hook, 'sideEffects') ?? '',
    timeoutSeconds: numberAt(hook, 'timeoutSeconds') ?? 10,
    reviewVersions: textsIn(hook, 'admissionReviewVersions'),
    reinvoked: textAt(hook, 'reinvocationPolicy') === 'IfNeeded',
  });
}

function clientOf(config: JsonObject): HookClient {
  const service = objectAt(config, 'service');
  return {
    url: textAt(config, 'url'),
    service:
      service === undefined
        ? undefined
        : {
            namespace: textAt(service, 'namespace') ?? '',
            name: textAt(service, 'name') ?? '',
            path: textAt(service, 'path') ?? '',
            port: numberAt(service, 'port') ?? 443,
          },
    authorities: Buffer.from(textAt(config, 'caBundle') ?? '', 'base64').toString('utf8'),
  };
}

/** Reads what somebody is asked about; webhooks and policies name their rules otherwise. */
export function matchingOf(
  said: Json,
  { rules, exceptions }: { readonly rules: string; readonly exceptions: string },
): Matching {
  return {
    rules: itemsAt(said, rules).map(ruleOf),
    exceptions: itemsAt(said, exceptions).map(ruleOf),
    matchesEquivalent: textAt(said, 'matchPolicy') !== 'Exact',
    namespaceSelector: objectAt(said, 'namespaceSelector') ?? {},
    objectSelector: objectAt(said, 'objectSelector') ?? {},
  };
}

function ruleOf(rule: Json): HookRule {
  return {
    operations: textsIn(rule, 'operations'),
    groups: textsIn(rule, 'apiGroups'),
    versions: textsIn(rule, 'apiVersions'),
    resources: textsIn(rule, 'resources'),
    scope: textAt(rule, 'scope') ?? '*',
    names: textsIn(rule, 'resourceNames'),
  };
}

function textsIn(value: Json, name: string): readonly string[] {
  return itemsAt(value, name).filter((item) => typeof item === 'string');
}
